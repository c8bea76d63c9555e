"""The text that tells how an image was graded, as an XMP packet: other programs show it, and keep it.

Sources: ISO 16684-1:2019 (XMP packets); Adobe, "XMP Specification Part 3: Storage in Files" (2020): PNG, TIFF, JPEG.
"""

from __future__ import annotations

from html import escape, unescape

from lattice.files.images.spec import EncodedImage

START, END = b"<lattice:grade>", b"</lattice:grade>"
FRONT = (
    '<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:lattice="urn:lattice:grade:1">'
).encode()
BACK = b'</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
MOST = 2**20  # bytes of a text


def packet(text: str) -> bytes:
    """Return the packet of a text of printable characters."""
    return FRONT + START + escape(text, quote=False).encode() + END + BACK


def has_room(codes: EncodedImage) -> bool:
    """True unless `about` is too long."""
    return len(codes.about) <= MOST // 4  # at most four bytes a character


def text_in(data: bytes) -> str:
    """Return the text of the first packet of ours in a file's bytes; empty if there is none, whole and in UTF-8."""
    first = data.find(START)
    last = data.find(END, first, first + MOST) if first >= 0 else -1
    try:
        return unescape(data[first + len(START) : last].decode()) if last >= 0 else ""
    except UnicodeDecodeError:
        return ""
