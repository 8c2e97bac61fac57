"""What a survey is: the one source for the editor, files, filling, checking and results.

`read_definition` makes a `SurveyDefinition` of JSON or refuses it with every fault named; `write_definition` gives the
JSON back. Nothing here touches the database.
"""

from geoparticipation.surveys.definition.faults import DefinitionRefused, Fault
from geoparticipation.surveys.definition.model import SurveyDefinition, in_language
from geoparticipation.surveys.definition.reading import find_faults, read_definition
from geoparticipation.surveys.definition.writing import write_definition

__all__ = [
    "DefinitionRefused",
    "Fault",
    "SurveyDefinition",
    "find_faults",
    "in_language",
    "read_definition",
    "write_definition",
]
