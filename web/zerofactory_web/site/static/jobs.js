// A job's page follows it by events of the server; where that is not possible it is loaded again after a while.
(function () {
  "use strict";
  var box = document.querySelector("[data-job]");
  if (!box) { return; }
  function again(seconds) { window.setTimeout(function () { window.location.reload(); }, seconds * 1000); }
  if (!window.EventSource) { again(5); return; }
  var bar = box.querySelector("progress");
  var stream = new EventSource(box.dataset.job);
  function show(event) {
    var told = JSON.parse(event.data);
    bar.value = told.progress;
    [["text", told.text], ["step", told.step_text]].forEach(function (pair) {
      var place = box.querySelector("[data-" + pair[0] + "]");
      if (place.textContent !== pair[1]) { place.textContent = pair[1]; }
    });
  }
  stream.addEventListener("job", show);
  stream.addEventListener("end", function (event) { show(event); stream.close(); window.location.reload(); });
  stream.onerror = function () { if (stream.readyState === EventSource.CLOSED) { again(5); } };
  window.addEventListener("pagehide", function () { stream.close(); });
}());
