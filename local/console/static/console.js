// Keeps the page fresh without moving the reader: the new content replaces the old only where it differs.
(() => {
  const fresh = async () => {
    const main = document.querySelector("main");
    if (document.hidden || !main || main.hasAttribute("data-still") || main.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("main");
      if (next && next.innerHTML !== main.innerHTML && !main.querySelector("details[open]")) main.replaceWith(next);
    } catch { /* The local home was stopped. */ }
  };
  setInterval(fresh, 2000);
})();
