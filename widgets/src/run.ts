/** What the Python half tells about a run: the traits of `RunPanel`. The model is the truth; nothing is kept here. */

export type Status = "pending" | "running" | "paused" | "stopped" | "finished" | "failed";

/** What a monitor says of the newest frame. */
export interface Light {
  colour: "green" | "amber" | "red";
  /** What is watched, how large it is, and what is allowed. */
  label: string;
}

export interface Progress {
  status: Status;
  message: string;
  done: number;
  total: number;
  /** What is counted: steps, or epochs. */
  counts: string;
  /** So many a second. */
  rate: number;
  /** Seconds to go, when that can be told. */
  eta: number | null;
  /** Seconds since the start. */
  elapsed: number;
  /** Step of the newest checkpoint on disk; none where nothing is saved. */
  checkpointed: number | null;
  /** True where the run can be asked to make do with what there is. */
  acceptable?: boolean;
  /** None without a monitor. */
  light?: Light | null;
}

/** A parameter that may be changed while the run goes on. */
export interface Slider {
  name: string;
  label: string;
  unit: string;
  low: number;
  high: number;
  step: number;
  doc: string;
}

/** One diagram: its rows of the series, and the live parameter drawn as a dashed line, if any. */
export interface Plot {
  label: string;
  unit: string;
  traces: string[];
  target: string | null;
  /** True: the vertical axis counts powers of ten. */
  logarithmic: boolean;
}

/** One cloud of points: what is said against what is true, in the same unit. */
export interface Cloud {
  label: string;
  unit: string;
  count: number;
}

export type Average = [mean: number, error: number];

export interface RunState {
  title: string;
  about: string;
  notice: string;
  /** True once the run's side has heard us. */
  heard: boolean;
  progress: Progress;
  sliders: Slider[];
  live: Record<string, number>;
  plots: Plot[];
  /** Unit of the horizontal axis of all plots, such as that of time. */
  time_unit: string;
  /** Float32 rows: time, then one per trace; `past` grows seldom, `recent` holds what came since. */
  past: DataView;
  recent: DataView;
  /** Of every trace its mean so far and the standard error, where that is what counts. */
  averages: (Average | null)[];
  clouds: Cloud[];
  /** Float32: of every cloud what is true, then what is said. */
  points: DataView;
}

/** What a button asks for. */
export type Action = "pause" | "resume" | "accept" | "stop" | "checkpoint";

/** What the panel may ask of the run. */
export type Request = { ask: "hello"; dark: boolean } | { ask: Action } | { ask: "set"; name: string; value: number };

export function hasEnded(status: Status): boolean {
  return status === "stopped" || status === "finished" || status === "failed";
}
