// Icons as paths on a square of 24.
const PATHS = {
  play: "M7 4.5v15l13-7.5z",
  pause: "M6 4.5h4.5v15H6zM13.5 4.5H18v15h-4.5z",
  stop: "M5.5 5.5h13v13h-13z",
  back: "M5 5h2.5v14H5zM20 5v14L9 12z",
  next: "M16.5 5H19v14h-2.5zM4 5v14l11-7z",
  repeat: "M7 7h9V4l5 4.5-5 4.5v-3H7v4H4V7zM17 17H8v3l-5-4.5L8 11v3h9v-4h3v7z",
  add: "M10.75 4h2.5v6.75H20v2.5h-6.75V20h-2.5v-6.75H4v-2.5h6.75z",
  locked: "M7 10V8a5 5 0 0 1 10 0v2h1.5v11h-13V10zm2.5 0h5V8a2.5 2.5 0 0 0-5 0z",
  unlocked: "M7 10V8a5 5 0 0 1 9.6-2l-2.3 1A2.5 2.5 0 0 0 9.5 8v2h9v11h-13V10z",
  sound: "M4 9h4l5-4.5v15L8 15H4zM15.5 8.2a5 5 0 0 1 0 7.6zM16 4.6a8 8 0 0 1 0 14.8v-2.3a6 6 0 0 0 0-10.2z",
  silent: "M4 9h4l5-4.5v15L8 15H4zM15 10.4l1.4-1.4 1.9 1.9 1.9-1.9 1.4 1.4-1.9 1.9 1.9 1.9-1.4 1.4-1.9-1.9-1.9 1.9-1.4-1.4 1.9-1.9z",
  help: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm-1.2 12.6v2.4h2.4v-2.4zM8.4 9.6h2.3a1.4 1.4 0 1 1 2.2 1.1c-1.2.9-2.1 1.6-2.1 3.3h2.3c0-.9.6-1.3 1.4-1.9A3.7 3.7 0 1 0 8.4 9.6z",
  menu: "M3.5 6h17v2.4h-17zM3.5 10.8h17v2.4h-17zM3.5 15.6h17V18h-17z",
  close: "M6.2 4.5 12 10.3l5.8-5.8 1.7 1.7-5.8 5.8 5.8 5.8-1.7 1.7-5.8-5.8-5.8 5.8-1.7-1.7 5.8-5.8-5.8-5.8z",
  stage: "M3 4h18v2.2H3zM5 7.5h4l2.5 12.5h-10zM15 7.5h4l3.5 12.5h-10z",
  parts: "M4 5h6v4H4zM11.5 5H20v4h-8.5zM4 10.5h10v4H4zM15.5 10.5H20v4h-4.5zM4 16h16v3H4z",
  cues: "M4 5h3v3H4zM9 5h11v3H9zM4 10.5h3v3H4zM9 10.5h11v3H9zM4 16h3v3H4zM9 16h11v3H9z",
  fixtures: "M8 3h8v3h-2v2.2a6 6 0 0 1 4 5.8H6a6 6 0 0 1 4-5.8V6H8zM6.5 16h11l2 5h-15z",
  masters: "M5.8 3h2.4v5H10v4H8.2v9H5.8v-9H4V8h1.8zM15.8 3h2.4v10H20v4h-1.8v4h-2.4v-4H14v-4h1.8z",
  chat: "M4 4h16v12h-8l-5 4.5V16H4z",
  trash: "M9 3h6v2h5v2.4H4V5h5zM5.5 9h13l-1 12h-11z",
  edit: "M4 16.5 15.5 5 19 8.5 7.5 20H4zM16.7 3.8 18.5 2 22 5.5l-1.8 1.8z",
  here: "M12 3a6.5 6.5 0 0 1 6.5 6.5C18.500 14 12 21 12 21S5.500 14 5.500 9.500A6.500 6.500 0 0 1 12 3zm0 4a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
