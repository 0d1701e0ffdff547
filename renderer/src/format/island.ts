/**
 * A peer's mark: the depth contours of a small island whose shape follows from the key. It helps people
 * recognise a contact at a glance; it proves nothing, the key does.
 */
const POINTS = 48;
const HARMONICS = 4;
const DEPTHS = [1, 0.68, 0.36] as const;

/** SVG path data of closed contours around (0, 0), within radius 1, the outermost first. */
export function islandContours(key: string): string[] {
  const random = randomFrom(key);
  const waves = Array.from({ length: HARMONICS }, (_, index) => ({
    // A single turn would only move the whole island.
    turns: index + 2,
    height: (0.38 * (random() + 0.2)) / (index + 1.5),
    phase: random() * 2 * Math.PI,
  }));
  const highest = 1 + waves.reduce((sum, wave) => sum + wave.height, 0);
  const lean = { x: (random() - 0.5) * 0.3, y: (random() - 0.5) * 0.3 };
  return DEPTHS.map((depth) => {
    const points = Array.from({ length: POINTS }, (_, index) => {
      const angle = (2 * Math.PI * index) / POINTS;
      // Inner contours are rounder than the shore.
      const shape = waves.reduce(
        (sum, w) => sum + w.height * Math.cos(w.turns * angle + w.phase),
        0,
      );
      const radius = (depth * (1 + shape * (0.4 + 0.6 * depth))) / highest;
      const x = radius * Math.cos(angle) + lean.x * (1 - depth);
      const y = radius * Math.sin(angle) + lean.y * (1 - depth);
      return `${x.toFixed(3)} ${y.toFixed(3)}`;
    });
    return `M${points.join('L')}Z`;
  });
}

/** Numbers in 0…1 that follow from the text: FNV-1a into mulberry32; no secret depends on them. */
function randomFrom(text: string): () => number {
  let state = 0x811c9dc5;
  for (const character of text) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
