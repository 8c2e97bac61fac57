"""Maps for people without a connection: one HTML file's worth of map (folium), and pictures of maps (geopandas).

Knows nothing of the domain: it is given groups of GeoJSON features (RFC 7946, EPSG:4326) with a colour each, in the
order in which they are drawn.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from layers.geometry import WEB_MERCATOR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Feature = Mapping[str, Any]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_PAPER = "#f7f4ee"
_MARKS = {"round": "50%", "square": "2px", "diamond": "2px"}
_MATPLOTLIB_MARKS = {"round": "o", "square": "s", "diamond": "D"}


@dataclass(frozen=True)
class MapGroup:
    """Features that are drawn alike and switched on and off together.

    `size` is a point's mark across, in pixels of the screen. A group that is not `listed` is part of the ground:
    always there, and silent. Features may have these properties, either all of a group or none: `words` (HTML, shown
    on a click; whoever makes the feature escapes what people wrote), `title` (plain text, what a point is called),
    `size` (radius of a circle in place of the mark, for counts), `shade` (opacity of an area's inside, 0 to 1) and
    `label` (written on an area in pictures).
    """

    name: str
    features: Sequence[Feature]
    colour: str
    mark: Literal["round", "square", "diamond"] = "round"
    size: int = 16
    weight: float = 2.5
    fill_opacity: float = 0.25
    dash: str | None = None
    listed: bool = True


@dataclass(frozen=True)
class StandaloneMap:
    """The parts of a map to put into a page of one file: style sheets for its head, its element, its script."""

    styles: SafeString
    element: SafeString
    script: SafeString


def standalone_map(
    *, groups: Sequence[MapGroup], bounds: Bounds, library_script: str, library_style: str, label: str
) -> StandaloneMap:
    """A map by folium that asks nothing of any host: no tiles, and Leaflet's script and style are given.

    `label` names the map for screen readers. The library's texts are put in as they are and must be trusted.
    """
    import folium

    class OfflineMap(folium.Map):
        """A map without the scripts and styles that folium fetches from elsewhere."""

        default_js: list[tuple[str, str]] = []
        default_css: list[tuple[str, str]] = []

    drawn = OfflineMap(tiles=None, control_scale=True, zoom_snap=0.25)
    for group in groups:
        holder = folium.FeatureGroup(name=escape(group.name), control=group.listed).add_to(drawn)
        if group.features:
            _geojson(group).add_to(holder)
    folium.LayerControl(collapsed=False).add_to(drawn)
    west, south, east, north = bounds
    drawn.fit_bounds([[south, west], [north, east]])
    figure: Any = drawn.get_root()
    figure.render()
    body = str(figure.html.render())
    return StandaloneMap(
        styles=format_html(
            "<style>{}</style><style>.report-map,.folium-map{{height:100%}}</style>", mark_safe(library_style)
        ),
        element=format_html('<div role="region" aria-label="{}" class="report-map">{}</div>', label, mark_safe(body)),
        script=format_html(
            "<script>{}</script><script>{}</script>", mark_safe(library_script), mark_safe(str(figure.script.render()))
        ),
    )


def _geojson(group: MapGroup) -> Any:
    import folium
    from folium.utilities import JsCode

    style = {
        "color": group.colour,
        "fillColor": group.colour,
        "weight": group.weight,
        "fillOpacity": group.fill_opacity,
        "dashArray": group.dash,
    }
    # Leaflet gives the parts of a collection no popup: each becomes a feature.
    features = [
        {**item, "geometry": part, "id": str(number)}
        for number, item in enumerate(group.features)
        for part in _parts(item["geometry"])
    ]
    collection = {"type": "FeatureCollection", "features": features}
    turned = "transform:rotate(45deg) scale(.8);" if group.mark == "diamond" else ""
    half = group.size // 2
    icon = folium.DivIcon(
        html=f'<span style="display:block;width:{group.size}px;height:{group.size}px;box-sizing:border-box;'
        f'background:{group.colour};border:2px solid #fff;border-radius:{_MARKS[group.mark]};{turned}"></span>',
        icon_size=(group.size, group.size),
        icon_anchor=(half, half),
        class_name="report-mark",
    )
    sized = any("size" in feature["properties"] for feature in group.features)
    marker = folium.CircleMarker(radius=group.size / 2) if sized else folium.Marker(icon=icon)

    def styled(feature: Feature) -> dict[str, Any]:
        own = feature["properties"]
        if "size" in own:
            return {**style, "radius": own["size"], "fillOpacity": 0.6}
        return {**style, "fillOpacity": own.get("shade", group.fill_opacity)}

    return folium.GeoJson(
        collection,
        style_function=styled,
        marker=marker,
        smooth_factor=0.5,
        on_each_feature=JsCode("(item, layer) => { layer.options.title = item.properties.title || ''; }"),
        popup=folium.GeoJsonPopup(["words"], labels=False, max_width=320) if group.listed else None,
        interactive=group.listed,
    )


def _parts(geometry: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if geometry and geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _parts(part)
    elif geometry:
        yield geometry


@dataclass(frozen=True)
class Picture:
    """A picture of a map: PNG bytes and its size in pixels."""

    png: bytes
    width: int
    height: int


def picture_of(
    *, groups: Sequence[MapGroup], bounds: Bounds, width_mm: float = 170, highest: float = 0.9, dpi: int = 150
) -> Picture:
    """Draw the groups with geopandas, north up, in the Web Mercator of the screen maps; with a scale bar.

    The height follows from the bounds, between a third of the width and `highest` times the width. Nothing is fetched.
    Counts (`size`) are drawn as circles of as many pixels across as on the screen.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    west, south, east, north = _in_mercator(bounds)
    margin = 0.04 * max(east - west, north - south, 50)
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    ratio = min(highest, max(1 / 3, (north - south) / (east - west)))
    # What the ratio cuts off is given back, so that everything stays inside.
    if (wanted := (east - west) * ratio) < north - south:
        more = ((north - south) / ratio - (east - west)) / 2
        west, east = west - more, east + more
    elif wanted > north - south:
        more = (wanted - (north - south)) / 2
        south, north = south - more, north + more
    width = width_mm / 25.4
    with mpl.rc_context({"font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(width, width * ratio), dpi=dpi, facecolor=_PAPER)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        for order, group in enumerate(groups):
            _draw(axes, group, order)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        latitude = (bounds[1] + bounds[3]) / 2
        _scale_bar(axes, (west, south, east, north), latitude)
        file = io.BytesIO()
        canvas.print_png(file)  # type: ignore[no-untyped-call]
    return Picture(file.getvalue(), *canvas.get_width_height())


def _in_mercator(bounds: Bounds) -> Bounds:
    import geopandas
    import shapely

    corner = geopandas.GeoSeries([shapely.box(*bounds)], crs="EPSG:4326").to_crs(WEB_MERCATOR).total_bounds
    west, south, east, north = (float(value) for value in corner)
    return west, south, east, north


def _draw(axes: Axes, group: MapGroup, order: int) -> None:
    """Each type apart: what is drawn of a collection is its parts."""
    import geopandas
    from matplotlib import patheffects

    if not group.features:
        return
    frame = geopandas.GeoDataFrame.from_features(list(group.features), crs="EPSG:4326")
    frame = frame.explode(index_parts=False).explode(index_parts=False).to_crs(WEB_MERCATOR)
    kinds = frame.geom_type
    areas, lines, points = (frame[kinds == name] for name in ("Polygon", "LineString", "Point"))
    line_style = (0, tuple(int(part) for part in group.dash.split())) if group.dash else "solid"
    common = {"ax": axes, "zorder": order + 1, "aspect": None}
    if len(areas):
        alpha = areas["shade"].to_numpy() if "shade" in areas else group.fill_opacity
        areas.plot(color=group.colour, alpha=alpha, linewidth=0, **common)
        if group.weight:
            areas.boundary.plot(color=group.colour, linewidth=group.weight * 0.6, linestyle=line_style, **common)
    if len(areas) and "label" in areas:
        # An area of several parts is named once, on the largest.
        largest = areas.assign(size_m2=areas.area).sort_values("size_m2").drop_duplicates("label", keep="last")
        for at, text in zip(largest.representative_point(), largest["label"], strict=True):
            halo = [patheffects.withStroke(linewidth=2, foreground="white")]
            axes.annotate(
                text, (at.x, at.y), ha="center", va="center", fontsize=7, path_effects=halo, zorder=900, clip_on=True,
                parse_math=False,  # two dollar signs in a name are no formula
            )  # fmt: skip
    if len(lines):
        lines.plot(color=group.colour, linewidth=group.weight * 0.6, linestyle=line_style, **common)
    if len(points):
        across = points["size"] * 2 if "size" in points else group.size
        # matplotlib's sizes are areas in square points; a pixel of the screen is three quarters of a point.
        points.plot(
            color=group.colour,
            marker=_MATPLOTLIB_MARKS[group.mark],
            markersize=(across * 0.75 * 0.6) ** 2,
            edgecolor="white",
            linewidth=0.6,
            alpha=0.75 if "size" in points else 1,
            **common,
        )


def _scale_bar(axes: Axes, extent: Bounds, latitude: float) -> None:
    """A bar of a round number of metres, about a fifth of the width; Web Mercator stretches by 1 / cos(latitude)."""
    west, south, east, north = extent
    stretch = 1 / math.cos(math.radians(latitude))
    wanted = (east - west) / stretch / 5
    power = 10 ** math.floor(math.log10(wanted))
    metres = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    x, y = west + 0.03 * (east - west), south + 0.03 * (north - south)
    axes.plot([x, x + metres * stretch], [y, y], color="#333333", linewidth=2.5, solid_capstyle="butt", zorder=1000)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    axes.annotate(words, (x, y), xytext=(0, 4), textcoords="offset points", fontsize=8, color="#333333", zorder=1000)


def feature(geometry: str | None, **properties: Any) -> Feature:
    """A feature of a geometry's GeoJSON text, as PostGIS writes it."""
    return {"type": "Feature", "geometry": json.loads(geometry) if geometry else None, "properties": properties}
