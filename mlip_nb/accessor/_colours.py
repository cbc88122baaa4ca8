"""Okabe and Ito's colours, which all kinds of colour vision tell apart."""

BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "#555555"
COLOURS = (BLUE, ORANGE, GREEN, "#cc79a7", "#e69f00", "#56b4e9", GREY)
"""For as many lines as there may be, in this order."""
