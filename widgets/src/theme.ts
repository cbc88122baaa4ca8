/** Light or dark, whatever front end we are in: told by the colour its text has here. */

export type Theme = "light" | "dark";

export function themeOf(host: Element): Theme {
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(host).color.match(/[\d.]+/g) ?? []).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "dark" : "light";
}

/** Okabe and Ito's colours, told apart with any colour vision, in shades that stand out on either ground. */
const COLOURS: Record<Theme, string[]> = {
  light: ["#0072b2", "#d55e00", "#007a5a", "#333333", "#a8487e", "#8a6d00"],
  dark: ["#56b4e9", "#e69f00", "#2fc79a", "#e8e8e8", "#e5a3c8", "#f0e442"],
};
/** Lines differ in dashes too. */
const DASHES: number[][] = [[], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2]];
const INK: Record<Theme, { text: string; grid: string }> = {
  light: { text: "#555555", grid: "#0000001a" },
  dark: { text: "#bdbdbd", grid: "#ffffff22" },
};

export const colour = (theme: Theme, trace: number): string => COLOURS[theme][trace % 6] ?? "";
export const dash = (trace: number): number[] => DASHES[trace % 6] ?? [];
export const textColour = (theme: Theme): string => INK[theme].text;
export const gridColour = (theme: Theme): string => INK[theme].grid;

/** Calls `changed` when the front end switches its theme; returns the function that ends it. */
export function watchTheme(changed: () => void): () => void {
  // The style sheet of the new theme arrives some time after the attribute that announces it.
  const soon = () => {
    for (const delay of [0, 300, 1500]) setTimeout(changed, delay);
  };
  const observer = new MutationObserver(soon);
  for (const target of [document.documentElement, document.body]) {
    observer.observe(target, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-name"] });
  }
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", soon);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", soon);
  };
}
