import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./controls";

/** A dialog over the page; Escape closes it where it may be closed. */
export function Modal(props: { title: string; onClose?: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    element.current!.showModal();
    return () => element.current?.close();
  }, []);
  const cancel = (event: { preventDefault(): void }) => {
    event.preventDefault();
    props.onClose?.();
  };
  return (
    <dialog ref={element} class="modal" aria-labelledby={id} onCancel={cancel}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.onClose && <Button icon="close" label="Close" class="plain" onClick={props.onClose} />}
      </header>
      <div class="modal-body">{props.children}</div>
    </dialog>
  );
}
