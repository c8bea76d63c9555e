"""Words of `lattice regrade` that a farm's files hold: plain ones, and some that mean something to a scheduler."""

from __future__ import annotations

from lattice.regrade.farm.array_jobs import Task

WORDS = ("in 'a.####.exr", "out.####.exr", "--sdev", "premier", "--layers", 'odd "layer"')
# Names that mean something to a shell, a scheduler or a template. The last is no UTF-8.
HOSTILE = (
    "$(touch x).$F4.exr",
    "`id`;rm -r *|&",
    "$HOME ${PATH} $ENV(PATH) $(Cluster) $RANDOM_CHOICE(a)",
    "#BSUB -q x",
    "#SBATCH --wrap=x",
    "%J.%I.%A %d %%",
    "back\\slash\\",
    "\\n\\$(x)",
    "''",
    '"',
    "'\"'\"''",
    " two  spaces ",
    "{{Param.X}}",
    "}} {{",
    "~/x",
    "a=b",
    "!history",
    "(x)",
    "",
    "\u00e9\u4e2d.exr",
)
NO_UTF8 = "a\udcff.exr"
ENVIRONMENT = ("HOME", "LATTICE_NATIVE", "PATH")
TASK = Task(WORDS, ("1-10", "11,15-20"), 4, 2**33, "02:30:00", "night", environment=ENVIRONMENT)
