"""How the pages with fields are laid out: each field with its label before it, all of them scrolled where they must."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from tray_app.ui.settings_field import Field


def grid_of(fields: Iterable[Field]) -> QGridLayout:
    """A row for each field. Not a form layout: that one gives texts of several lines too little height."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(12)
    grid.setHorizontalSpacing(12)
    grid.setColumnStretch(1, 1)
    for row, field in enumerate(fields):
        field.label.setMinimumHeight(field.edit.sizeHint().height())
        grid.addWidget(field.label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(field, row, 1)
    return grid


def scrolled(page: QWidget) -> QScrollArea:
    """The page, scrolled where the screen is too small for it."""
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    # The page's own background, not the darker one of a list.
    area.viewport().setAutoFillBackground(False)
    page.setAutoFillBackground(False)
    return area
