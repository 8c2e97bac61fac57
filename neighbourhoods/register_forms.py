"""Forms of the wizard by which agents load registers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from layers.errors import Refusal
from layers.geometry import transformer_to_wgs84
from layers.repeating import OnceForm
from neighbourhoods.domain.registers import Choices, FileSummary, choices_of, known_sources
from neighbourhoods.domain.registers.choices import Extent
from neighbourhoods.domain.registers.describe import points_in
from neighbourhoods.domain.registers.meanings import KIND_WORDS, Meaning, meanings_of
from neighbourhoods.domain.registers.reference_systems import USUAL_SYSTEMS, are_degrees, guess_system
from neighbourhoods.enums import RegisterKind, UploadState
from neighbourhoods.models import DistrictLevel, RegisterUpload

OTHER = "other"
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": gettext_lazy("Windows, Western Europe (cp1252)"),
    "iso-8859-15": gettext_lazy("Latin 9, Western Europe (ISO 8859-15)"),
    "iso-8859-1": gettext_lazy("Latin 1, Western Europe (ISO 8859-1)"),
    "cp850": gettext_lazy("MS-DOS, Western Europe (cp850)"),
    "mac-roman": "Macintosh",
    "utf-16": "UTF-16",
}
_ENCODING_CODES = {"file_encoding", "encoding_unknown"}
_CRS_CODES = {"file_crs_missing", "file_crs_unknown", "reference_system_unknown", "crs_needed"}


class UploadForm(OnceForm):
    """What register it is, and the file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in the file?"),
        choices=[(kind.value, KIND_WORDS[kind]) for kind in RegisterKind],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what is in the file: addresses, streets or districts.")},
    )
    file = forms.FileField(
        label=gettext_lazy("The file"),
        max_length=None,
        allow_empty_file=True,  # the domain says it better
        error_messages={"required": gettext_lazy("Choose the file on your computer.")},
    )


class ColumnsForm(forms.Form):
    """What the columns mean, and what register it is: one field `column-MEANING` for each meaning.

    The reference system, the encoding and the layer are asked only where the file leaves them open. Gives `choices`
    once valid.
    """

    def __init__(self, *args: Any, upload: RegisterUpload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.upload = upload
        self.summary = FileSummary.of(upload)
        self.said = choices_of(upload)
        self._add_reading_fields()
        if self.summary.columns:
            self._add_columns()
            self._add_register_fields()

    # --- How the file is read ---------------------------------------------------------------------------------------

    def _add_reading_fields(self) -> None:
        code = self.upload.refusal_code
        if len(self.summary.layers) > 1:
            self.fields["layer"] = forms.ChoiceField(
                label=_("Layer"),
                help_text=_("This file holds several layers. Which one is the register?"),
                choices=[("", _("Choose a layer")), *((layer, layer) for layer in self.summary.layers)],
                initial=self.summary.layer,
                error_messages={"required": _("Say which layer of the file is meant.")},
            )
        found = self.summary.encoding.lower()
        if code in _ENCODING_CODES or self.said.encoding or (found and not found.startswith("utf")):
            self.fields["encoding"] = forms.ChoiceField(
                label=_("How the text is written (encoding)"),
                help_text=_("Change it only when letters with accents look wrong below."),
                choices=[("", _found_by_itself(found)), *ENCODINGS.items()],
                initial=self.said.encoding,
                required=False,
            )
        if code in _CRS_CODES or self.said.crs or self._columns_are_metres(self.said.columns):
            self._add_crs()

    def _add_crs(self) -> None:
        usual = self.said.crs in USUAL_SYSTEMS
        self.fields["crs"] = forms.ChoiceField(
            label=_("Reference system of the coordinates"),
            help_text=_("The coordinates are in metres. Whoever made the file knows which system it is."),
            choices=[("", _("Choose a system")), *USUAL_SYSTEMS.items(), (OTHER, _("Another one: its EPSG code"))],
            initial=self.said.crs if usual or not self.said.crs else OTHER,
            required=False,
        )
        self.fields["crs_code"] = forms.CharField(
            label=_("EPSG code"),
            help_text=_("For another system only, for example EPSG:31467."),
            initial="" if usual else self.said.crs,
            max_length=60,
            required=False,
        )

    def _columns_are_metres(self, columns: Any) -> bool:
        return self.summary.is_text and not are_degrees(points_in(self.summary, columns))

    # --- What the columns mean --------------------------------------------------------------------------------------

    def _add_columns(self) -> None:
        columns = [(column.name, _titled(column.name, column.samples)) for column in self.summary.columns]
        self.meanings = (
            () if self.summary.register else meanings_of(self.upload.kind, has_shapes=not self.summary.is_text)
        )
        for meaning in self.meanings:
            none = _("Choose a column") if meaning.required else _("not in this file")
            self.fields[f"column-{meaning.key}"] = forms.ChoiceField(
                label=meaning.label,
                help_text=meaning.hint,
                choices=[("", none), *columns],
                initial=self.said.columns.get(meaning.key, ""),
                required=meaning.required,
                error_messages={"required": _("Say which column holds this: %(what)s.") % {"what": meaning.label}},
            )

    # --- What register it is ----------------------------------------------------------------------------------------

    def _add_register_fields(self) -> None:
        if self.upload.kind != RegisterKind.DISTRICTS:
            known = known_sources(self.upload.kind)
            self.fields["source"] = forms.CharField(
                label=_("Name of the register"),
                help_text=(
                    _("Write the same name each time you load this register: so what it holds is renewed.")
                    + (" " + _("Loaded so far: %(names)s.") % {"names": ", ".join(known[:8])} if known else "")
                ),
                initial=self.said.source,
                max_length=40,
                widget=forms.TextInput(attrs={"list": "known-sources"}),
                error_messages={"required": _("Give the register a name.")},
            )
            self.known_sources = known
            extents = [
                (Extent.PART.value, _("No, a part of it: what is not in the file stays as it is")),
                (Extent.WHOLE.value, _("Yes, the whole: what this register had and the file has not is closed")),
            ]
            if self.upload.refusal_code == "closes_too_much" or self.said.extent == Extent.MOSTLY_GONE:
                extents.append((Extent.MOSTLY_GONE.value, _("Yes, the whole, and most of what it had is really gone")))
            self.fields["extent"] = forms.ChoiceField(
                label=_("Is this the whole register?"),
                help_text=_("What is closed is no longer found or written to. It is never deleted."),
                choices=extents,
                initial=self.said.extent,
                widget=forms.RadioSelect,
            )
        if self.upload.kind == RegisterKind.DISTRICTS:
            levels = list(DistrictLevel.objects.values_list("name", flat=True))
            self.fields["level"] = forms.CharField(
                label=_("What kind of districts are they?"),
                help_text=(
                    _("One word, for example “quartier” or “secteur”.")
                    + (" " + _("There are already: %(names)s.") % {"names": ", ".join(levels[:8])} if levels else "")
                ),
                initial=self.said.level,
                max_length=60,
                widget=forms.TextInput(attrs={"list": "known-levels"}),
                error_messages={"required": _("Say what kind of districts they are.")},
            )
            self.known_levels = levels
            self.fields["release"] = forms.CharField(
                label=_("Name of this edition"),
                help_text=_("By it you know these boundaries again, for example “2026”."),
                initial=self.said.release,
                max_length=120,
                error_messages={"required": _("Give this edition a name.")},
            )

    # --- Answers ----------------------------------------------------------------------------------------------------

    def clean_level(self) -> str:
        """The word as levels are called: small letters, digits, hyphens."""
        level = slugify(self.cleaned_data["level"])[:60]
        if not level:
            raise forms.ValidationError(_("Write the kind of districts in letters, for example “quartier”."))
        return level

    def clean_crs_code(self) -> str:
        """The other system, made sure of; a bare number is an EPSG code."""
        code = self.cleaned_data["crs_code"].strip()
        if self.cleaned_data.get("crs") != OTHER:
            return ""
        code = f"EPSG:{code}" if code.isdecimal() else code
        try:
            transformer_to_wgs84(code)
        except Refusal:
            raise forms.ValidationError(
                _("There is no reference system “%(code)s”. Write its EPSG code, for example EPSG:31467.")
                % {"code": code}
            ) from None
        return code

    def clean(self) -> dict[str, Any]:
        """Ask for the reference system where the chosen columns hold metres; take the likely one by itself."""
        answers = super().clean() or {}
        self.crs = answers.get("crs_code") if answers.get("crs") == OTHER else answers.get("crs", "")
        columns = self.columns
        if not self.crs and self._columns_are_metres(columns):
            self.crs = guess_system(points_in(self.summary, columns))
            if not self.crs:
                if "crs" not in self.fields:
                    self._add_crs()
                self.add_error("crs", _("These coordinates are in metres: say which reference system they are in."))
        return answers

    @property
    def columns(self) -> dict[str, str]:
        """Meaning → column, as chosen."""
        if self.summary.register:
            return dict(self.said.columns)
        return {
            name.removeprefix("column-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("column-") and value
        }

    @property
    def choices(self) -> Choices:
        """What the agent said, of a valid form."""
        answers = self.cleaned_data
        return Choices(
            columns=self.columns,
            encoding=answers.get("encoding", ""),
            layer=answers.get("layer") or self.summary.layer,
            crs=self.crs or "",
            source=answers.get("source", "").strip() or self.said.source,
            extent=answers.get("extent", Extent.PART.value),
            level=answers.get("level", self.said.level),
            release=answers.get("release", "").strip() or self.said.release,
        )

    @property
    def must_read_again(self) -> bool:
        """Whether what was said changes what is in the file: another layer, encoding or, of shapes, system."""
        said, now = self.said, self.choices
        return (
            self.upload.state == UploadState.UNREADABLE
            or not self.summary.columns
            or now.encoding != said.encoding
            or now.layer != (said.layer or self.summary.layer)
            or (not self.summary.is_text and now.crs != said.crs)
        )

    # --- For the template -------------------------------------------------------------------------------------------

    @property
    def reading_fields(self) -> list[forms.BoundField]:
        """Fields about how the file is read."""
        return [self[name] for name in ("layer", "encoding", "crs", "crs_code") if name in self.fields]

    @property
    def usual_columns(self) -> list[forms.BoundField]:
        """Fields of the columns that most registers have."""
        return self._column_fields(rare=False)

    @property
    def rare_columns(self) -> list[forms.BoundField]:
        """Fields of the columns that few registers have."""
        return self._column_fields(rare=True)

    @property
    def register_fields(self) -> list[forms.BoundField]:
        """Fields about the register as a whole."""
        return [self[name] for name in ("source", "extent", "level", "release") if name in self.fields]

    def _column_fields(self, *, rare: bool) -> list[forms.BoundField]:
        meanings: tuple[Meaning, ...] = getattr(self, "meanings", ())
        return [self[f"column-{meaning.key}"] for meaning in meanings if meaning.rare == rare]


def _found_by_itself(encoding: str) -> str:
    """The choice that leaves it to the reader, with what it found."""
    if not encoding:
        return _("Found by itself")
    return _("Found by itself: %(encoding)s") % {"encoding": ENCODINGS.get(encoding, encoding.upper())}


def _titled(name: str, samples: tuple[str, ...]) -> str:
    """A column with what it holds: “nom_voie – Rue Haute, Rue Basse”."""
    if not samples:
        return name
    some = ", ".join(sample if len(sample) <= 24 else f"{sample[:23]}…" for sample in samples[:2])
    return pgettext_lazy("column and what it holds", "%(name)s – %(samples)s") % {"name": name, "samples": some}
