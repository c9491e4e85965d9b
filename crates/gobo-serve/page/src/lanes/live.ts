// What goes out, for controls that show it: looked at some times a second, where it is in sight.
import { useEffect, useRef, useState } from "preact/hooks";
import { remote } from "../remote/remote";
import { Store, useStore } from "../remote/store";

const LOOK_MS = 80;
const looked = new Store(0);
window.setInterval(() => looked.set(remote.frames.count), LOOK_MS);

/** What `read` gives, kept current; a number or a text. */
export function useLive<T extends number | string>(read: () => T, isSeen = true): T {
  const last = useRef<T>();
  return useStore(looked, () => (isSeen || last.current === undefined ? (last.current = read()) : last.current));
}

let observer: IntersectionObserver | undefined;
const watched = new WeakMap<Element, (seen: boolean) => void>();

/** Whether an element is in sight. */
export function useSeen(element: { current: Element | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const target = element.current!;
    observer ??= new IntersectionObserver((entries) => {
      for (const entry of entries) watched.get(entry.target)?.(entry.isIntersecting);
    });
    watched.set(target, setSeen);
    observer.observe(target);
    return () => observer!.unobserve(target);
  }, []);
  return seen;
}
