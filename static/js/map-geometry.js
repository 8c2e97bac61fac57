// Small geometry that the map needs: bounds, and the veil around a target.

const WORLD = [[-180, -85], [180, -85], [180, 85], [-180, 85], [-180, -85]];

/** Geometries inside any GeoJSON object. */
export function geometriesOf(object) {
  if (!object) return [];
  if (object.type === "FeatureCollection") return object.features.flatMap(geometriesOf);
  if (object.type === "Feature") return geometriesOf(object.geometry);
  if (object.type === "GeometryCollection") return object.geometries.flatMap(geometriesOf);
  return [object];
}

function eachPosition(coordinates, visit) {
  if (typeof coordinates[0] === "number") visit(coordinates);
  else for (const inner of coordinates) eachPosition(inner, visit);
}

/** [west, south, east, north] of any GeoJSON object, or null when it is empty. */
export function boundsOf(object) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const geometry of geometriesOf(object)) {
    eachPosition(geometry.coordinates, ([lon, lat]) => {
      bounds[0] = Math.min(bounds[0], lon); bounds[1] = Math.min(bounds[1], lat);
      bounds[2] = Math.max(bounds[2], lon); bounds[3] = Math.max(bounds[3], lat);
    });
  }
  return Number.isFinite(bounds[0]) ? bounds : null;
}

/** Everything but the polygons of `object`: what the veil covers. Null where there is no polygon. */
export function veilAround(object) {
  const polygons = geometriesOf(object).flatMap((geometry) =>
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [],
  );
  if (!polygons.length) return null;
  const outside = [WORLD, ...polygons.map((rings) => rings[0])];
  const holes = polygons.flatMap((rings) => rings.slice(1).map((ring) => [ring]));
  return { type: "Feature", properties: {}, geometry: { type: "MultiPolygon", coordinates: [outside, ...holes] } };
}
