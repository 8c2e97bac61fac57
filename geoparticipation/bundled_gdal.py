"""Finds the one GDAL and the one GEOS of the process: those inside the pyogrio and shapely wheels.

A second GDAL in the same process (the system's, say) would bring its own PROJ database and its own global state;
GeoDjango is pointed at the very file that pyogrio loads. pyogrio itself is not imported here: it brings pandas, which
costs each process a second and 80 MB, and only the importers need it.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def _library(package: str, *patterns: str) -> str:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {package} is not installed: run `make setup`.")
    home = Path(spec.origin).parent
    for folder in (home.parent / f"{package}.libs", home / ".dylibs"):
        for pattern in patterns:
            for found in sorted(folder.glob(pattern)):
                return str(found)
    raise RuntimeError(
        f"The wheel of {package} carries none of {', '.join(patterns)}; install the wheel, not the sdist."
    )


def gdal_library() -> str:
    """Path of the GDAL shared library in the pyogrio wheel."""
    return _library("pyogrio", "libgdal*.so*", "libgdal*.dylib")


def geos_library() -> str:
    """Path of the GEOS C library in the shapely wheel."""
    return _library("shapely", "libgeos_c*.so*", "libgeos_c*.dylib")


def load_gdal() -> None:
    """Load GDAL before anything else does, and show it its own data files, as importing pyogrio would.

    Told through GDAL's API and not by GDAL_DATA and PROJ_DATA: child processes with another GDAL inherit those.
    """
    import shapely  # noqa: F401  (its GEOS before the one inside GDAL, as pyogrio does)

    path = gdal_library()
    gdal = ctypes.CDLL(path)
    package = Path(path).parent.parent / "pyogrio" if ".libs" in path else Path(path).parent.parent
    gdal.CPLSetConfigOption(b"GDAL_DATA", str(package / "gdal_data").encode())
    gdal.OSRSetPROJSearchPaths((ctypes.c_char_p * 2)(str(package / "proj_data").encode(), None))
