"""Registers (addresses, streets, districts) that agents upload: taken in, looked into, previewed, loaded."""

from neighbourhoods.domain.registers.choices import Choices, choices_of, known_sources, save_choices
from neighbourhoods.domain.registers.describe import describe_upload
from neighbourhoods.domain.registers.load import Outcome, load_upload, request_loading
from neighbourhoods.domain.registers.preview import Preview, preview_upload
from neighbourhoods.domain.registers.receive import cancel_upload, forget_old_uploads, get_upload, receive_upload
from neighbourhoods.domain.registers.summary import FileSummary

__all__ = [
    "Choices",
    "FileSummary",
    "Outcome",
    "Preview",
    "cancel_upload",
    "choices_of",
    "describe_upload",
    "forget_old_uploads",
    "get_upload",
    "known_sources",
    "load_upload",
    "preview_upload",
    "receive_upload",
    "request_loading",
    "save_choices",
]
