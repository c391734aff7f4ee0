// What pages do beyond plain HTML. All of them work without it.
(function () {
  "use strict";

  // A unit runs in another window: when this one is looked at again, show the new progress.
  var launched = false;
  document.querySelectorAll("form[data-refresh-after]").forEach(function (form) {
    form.addEventListener("submit", function () {
      launched = true;
      // A preview is watched: this window goes on to what the content says.
      if (form.dataset.then) {
        window.setTimeout(function () {
          window.location.assign(form.dataset.then);
        }, 1500);
      }
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

  // What goes on by itself is looked at again every two seconds, for as long as the page says so.
  // Nobody loses their place: where something has the focus or is opened, it stays as it is.
  function watch() {
    var shown = document.querySelector("[data-watched][data-live]");
    if (!shown) {
      return;
    }
    window.setTimeout(function () {
      if (document.hidden || shown.contains(document.activeElement) || shown.querySelector("details[open]")) {
        watch();
        return;
      }
      window
        .fetch(window.location.href)
        .then(function (answer) {
          return answer.ok && !answer.redirected ? answer.text() : "";
        })
        .then(function (text) {
          var fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-watched]");
          if (fresh) {
            shown.replaceWith(document.adoptNode(fresh));
            watch();
          }
        })
        .catch(watch);
    }, 2000);
  }
  watch();

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
