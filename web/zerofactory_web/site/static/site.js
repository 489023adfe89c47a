// Small comforts; every page works without them.
(function () {
  "use strict";
  // A form is sent once: the second press of an impatient finger does nothing. Downloads may be asked for again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent && !form.hasAttribute("data-again")) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    var said = form.querySelector("[data-waiting]");
    if (said) { said.textContent = said.dataset.waiting; }
  });
  // Coming back by "back" frees the form.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      var said = form.querySelector("[data-waiting]");
      if (said) { said.textContent = ""; }
    });
  });
  // Printing needs a script; its button is not there without one.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  // The summary of errors takes the focus, also where the browser ignores autofocus on it.
  var errors = document.querySelector("[data-errors]");
  if (errors) { errors.focus(); }
}());
