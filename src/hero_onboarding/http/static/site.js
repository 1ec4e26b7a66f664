// What pages do beyond links and forms: copy a command, guess a time zone, go on when a sign-in is
// approved, ask for passkeys.
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
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select.value && [...select.options].some((one) => one.value === zone)) select.value = zone;
}
const waiting = document.querySelector("form.waiting");
if (waiting && "approved" in waiting.dataset) {
  waiting.requestSubmit();
} else if (waiting && window.EventSource) {
  const parts = [...waiting.querySelectorAll("[data-unscripted]")];
  const texts = [...waiting.querySelectorAll("[data-scripted-text]")];
  const words = texts.map((part) => part.textContent);
  const rely = (onEvents) => {
    for (const part of parts) part.hidden = onEvents;
    texts.forEach((part, number) => {
      part.textContent = onEvents ? part.dataset.scriptedText : words[number];
    });
  };
  let failures = 0;
  const follow = () => {
    const events = new EventSource(waiting.dataset.events);
    const reload = () => {
      events.close();
      location.reload();
    };
    events.addEventListener("waiting", () => {
      failures = 0;
      rely(true);
    });
    events.addEventListener("progress", (event) => {
      if (event.data !== waiting.dataset.progress) reload();
    });
    events.addEventListener("approved", reload);
    events.addEventListener("expired", reload);
    // A stream that ends is asked for again by the browser; after an answer that is none it is not.
    events.addEventListener("error", () => {
      failures += 1;
      const isOver = events.readyState === EventSource.CLOSED;
      if (isOver || failures > 1) rely(false);
      if (isOver) setTimeout(follow, Math.min(1000 * 2 ** failures, 30000));
    });
  };
  rely(true);
  follow();
}
const unpack = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
const pack = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const send = async (url, body) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
};
const named = (list) => (list || []).map((one) => ({ ...one, id: unpack(one.id) }));
const credentialOf = async (purpose, options) => {
  const publicKey = { ...options, challenge: unpack(options.challenge) };
  if (purpose === "enrol") {
    publicKey.user = { ...options.user, id: unpack(options.user.id) };
    publicKey.excludeCredentials = named(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = named(options.allowCredentials);
  return navigator.credentials.get({ publicKey });
};
const written = (credential) => {
  const response = {};
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  for (const name of parts) {
    if (credential.response[name]) response[name] = pack(credential.response[name]);
  }
  return { id: credential.id, rawId: pack(credential.rawId), type: credential.type, response };
};
for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const { passkey: purpose, ask, answer, next } = form.dataset;
  const failed = form.querySelector("[data-failed]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const credential = written(await credentialOf(purpose, await send(ask, { purpose })));
      const body = purpose === "enrol" ? { label: form.elements.label.value } : { purpose };
      await send(answer, { ...body, credential });
      location.assign(next || location.href);
    } catch {
      failed.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}
