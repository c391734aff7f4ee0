// What pages do beyond plain HTML. All of them work without it.
(function () {
  "use strict";

  // A unit runs in another window: when this one is looked at again, show the new progress.
  var launched = false;
  document.querySelectorAll("form[data-refresh-after]").forEach(function (form) {
    form.addEventListener("submit", function () {
      launched = true;
    });
  });
  document.addEventListener("visibilitychange", function () {
    if (launched && document.visibilityState === "visible") {
      window.location.reload();
    }
  });

  // A page brought back by the Back button would show the progress of before the launch.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted && document.querySelector("form[data-refresh-after], form[data-launch]")) {
      window.location.reload();
    }
  });

  // An open account menu closes on Escape and on a click elsewhere, as menus do.
  var menus = document.querySelectorAll("details[data-menu]");
  document.addEventListener("click", function (event) {
    menus.forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") {
      return;
    }
    menus.forEach(function (menu) {
      if (menu.open) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  });

  // A large upload takes a while: say so, and do not send it twice.
  document.querySelectorAll("form[data-busy]").forEach(function (form) {
    form.addEventListener("submit", function () {
      var button = form.querySelector("button[type=submit]");
      button.textContent = form.dataset.busy;
      button.setAttribute("aria-disabled", "true");
      form.addEventListener("submit", function (event) {
        event.preventDefault();
      });
    });
  });
})();
