// Every page works without this. It sharpens two things.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const wayOut = target?.closest("a[data-leave]");
  if (wayOut) {
    // Leaves no step back to the page.
    event.preventDefault();
    document.body.hidden = true;
    window.location.replace(wayOut.href);
  }
  if (target?.closest("[data-print]")) {
    window.print();
  }
});
// A button that prints would do nothing without this file, so pages carry it hidden.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
}
