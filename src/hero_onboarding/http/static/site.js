// What pages do beyond links and forms: copy a command, and go on when a sign-in is approved.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  const word = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done || word;
    button.classList.add("done");
    setTimeout(() => {
      button.textContent = word;
      button.classList.remove("done");
    }, 2000);
  });
}
const waiting = document.querySelector("form.waiting");
if (waiting && "approved" in waiting.dataset) {
  waiting.requestSubmit();
} else if (waiting && window.EventSource) {
  for (const part of waiting.querySelectorAll("[data-unscripted]")) part.hidden = true;
  for (const part of waiting.querySelectorAll("[data-scripted-text]")) {
    part.textContent = part.dataset.scriptedText;
  }
  const events = new EventSource(waiting.dataset.events);
  const reload = () => {
    events.close();
    location.reload();
  };
  events.addEventListener("approved", reload);
  events.addEventListener("expired", reload);
}
