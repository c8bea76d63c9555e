// Types of what the page uses of ui.js.
export interface Signal<T> { value: T; peek(): T; subscribe(heard: (value: T) => void): () => void; }
export interface ReadonlySignal<T> { readonly value: T; peek(): T; subscribe(heard: (value: T) => void): () => void; }
export interface VNode { type: any; props: any; key: any; }
export type Child = VNode | string | number | boolean | null | undefined | Child[];
export interface Ref<T> { current: T; }
export function h(type: any, props?: any, ...children: any[]): VNode;
export function html(texts: TemplateStringsArray, ...values: any[]): any;
export function render(tree: Child, parent: Element | ShadowRoot | DocumentFragment): void;
export const Fragment: any;
export function createContext<T>(value: T): any;
export function signal<T>(value: T): Signal<T>;
export function computed<T>(make: () => T): ReadonlySignal<T>;
export function effect(run: () => void | (() => void)): () => void;
export function batch<T>(run: () => T): T;
export function untracked<T>(run: () => T): T;
export function useSignal<T>(value: T): Signal<T>;
export function useComputed<T>(make: () => T): ReadonlySignal<T>;
export function useSignalEffect(run: () => void | (() => void)): void;
export function useState<T>(value: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useRef<T>(value: T): Ref<T>;
export function useEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useLayoutEffect(run: () => void | (() => void), inputs?: readonly unknown[]): void;
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useCallback<T extends Function>(call: T, inputs: readonly unknown[]): T;
export function useContext(context: any): any;
export function useId(): string;
