// Lengths and areas on the WGS 84 ellipsoid, as layers/geometry.py measures them; coordinates in degrees.

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RADIANS = Math.PI / 180;

/** Metres between two positions (Vincenty's inverse formula); half the way round where it does not settle. */
function distance([lon1, lat1], [lon2, lat2]) {
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RADIANS));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RADIANS));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const l = (lon2 - lon1) * RADIANS;
  let lambda = l;
  for (let turn = 0; turn < 100; turn += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0) return 0;
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cos2Alpha = 1 - sinAlpha * sinAlpha;
    const cos2m = cos2Alpha === 0 ? 0 : cosSigma - (2 * s1 * s2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = l + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2m + c * cosSigma * (2 * cos2m * cos2m - 1)));
    if (Math.abs(lambda - before) > 1e-12) continue;
    const k2 = (cos2Alpha * (A * A - B * B)) / (B * B);
    const big = 1 + (k2 / 16384) * (4096 + k2 * (k2 * (320 - 175 * k2) - 768));
    const small = (k2 / 1024) * (256 + k2 * (k2 * (74 - 47 * k2) - 128));
    const turned = cosSigma * (2 * cos2m * cos2m - 1) - (small / 6) * cos2m * (4 * sinSigma * sinSigma - 3) * (4 * cos2m * cos2m - 3);
    return B * big * (sigma - small * sinSigma * (cos2m + (small / 4) * turned));
  }
  return Math.PI * A;
}

/** Metres along a line. */
export function lengthOf(positions) {
  let metres = 0;
  for (let n = 1; n < positions.length; n += 1) metres += distance(positions[n - 1], positions[n]);
  return metres;
}

function authalic(lat) {
  const s = Math.sin(lat * RADIANS);
  return (1 - E2) * (s / (1 - E2 * s * s) + Math.log((1 + E * s) / (1 - E * s)) / (2 * E));
}

/** Square metres within a ring, on the plane that keeps areas: exact for a town, where edges hardly bend. */
export function areaOf(ring) {
  let twice = 0;
  for (let n = 1; n < ring.length; n += 1) {
    const [x1, y1, x2, y2] = [(ring[n - 1][0] - ring[0][0]) * RADIANS, authalic(ring[n - 1][1]) - authalic(ring[0][1]), (ring[n][0] - ring[0][0]) * RADIANS, authalic(ring[n][1]) - authalic(ring[0][1])];
    twice += x1 * y2 - x2 * y1;
  }
  return (Math.abs(twice) * A * A) / 4;
}

function side(a, b, c) {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function between(a, b, c) {
  return Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1]);
}

function meet(a, b, c, d) {
  const [s1, s2, s3, s4] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (s1 !== s2 && s3 !== s4) return true;
  return (s1 === 0 && between(a, b, c)) || (s2 === 0 && between(a, b, d)) || (s3 === 0 && between(c, d, a)) || (s4 === 0 && between(c, d, b));
}

/** Whether a closed ring touches or crosses itself anywhere but where one edge ends and the next begins. */
export function crossesItself(ring) {
  const points = ring.filter((point, n) => n === 0 || point[0] !== ring[n - 1][0] || point[1] !== ring[n - 1][1]);
  const edges = points.length - 1;
  for (let n = 0; n < edges; n += 1) {
    for (let m = n + 1; m < edges; m += 1) {
      const [a, b, c, d] = [points[n], points[n + 1], points[m], points[m + 1]];
      const follows = m === n + 1;
      const closes = n === 0 && m === edges - 1;
      if (follows && closes) continue;
      if (follows) {
        if (side(a, b, d) === 0 && (d[0] - b[0]) * (a[0] - b[0]) + (d[1] - b[1]) * (a[1] - b[1]) > 0) return true; // it turns back on itself
      } else if (closes) {
        if (side(c, d, b) === 0 && (b[0] - a[0]) * (c[0] - a[0]) + (b[1] - a[1]) * (c[1] - a[1]) > 0) return true;
      } else if (meet(a, b, c, d)) return true;
    }
  }
  return false;
}
