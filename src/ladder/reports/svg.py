"""Build SVG drawings that load no external resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

INK: Final = "#1b2a30"
PALE: Final = "#5b6b72"
WIDTH: Final = 860
"""The usual width of a drawing."""


def document(
    height: int, title: str, caption: str, shapes: Iterable[ET.Element], width: int = WIDTH
) -> str:
    """Write a drawing with its title and caption above the shapes."""
    drawing = element(
        "svg", tooltip=title, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}",
        width=width, height=height, role="img", font_family="Helvetica, Arial, sans-serif",
    )  # fmt: skip
    drawing.append(element("rect", width=width, height=height, fill="#ffffff"))
    drawing.append(text(24, 36, title, 20, font_weight="600"))
    drawing.append(text(24, 58, caption, 13, fill=PALE))
    drawing.extend(shapes)
    ET.indent(drawing, "")
    return ET.tostring(drawing, encoding="unicode") + "\n"


def text(x: float, y: float, words: str, size: int, fill: str = INK, **more: str) -> ET.Element:
    """Build a text that begins at x on the line y; `more` are further attributes."""
    shape = element("text", x=x, y=y, font_size=size, fill=fill, **more)
    shape.text = words
    return shape


def element(name: str, tooltip: str = "", **attributes: str | float) -> ET.Element:
    """Build an element; an underscore in an attribute's name stands for a hyphen.

    Numbers are rounded to a tenth.
    """
    shape = ET.Element(name)
    for key, value in attributes.items():
        number = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
        shape.set(key.replace("_", "-"), str(number))
    if tooltip:
        ET.SubElement(shape, "title").text = tooltip
    return shape
