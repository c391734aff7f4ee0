// While a course runs, what its content says next is fetched and put on the page of its attempt.
(function () {
  "use strict";

  var EVERY = 2000;
  var SLOWLY = 10000;
  var trace = document.querySelector("[data-trace]");
  var words = document.querySelector("[data-live-words]");
  if (!trace || !words || !window.fetch) {
    return;
  }
  var told = words.querySelector("[role=status]");

  function tell(text) {
    if (told.textContent !== text) {
      told.textContent = text;
    }
  }

  // A piece that has not changed stays as it is, with what was opened in it.
  function renew(news) {
    news.querySelectorAll("[data-piece]").forEach(function (piece) {
      var old = document.querySelector('main [data-piece="' + piece.dataset.piece + '"]');
      if (old && old.innerHTML !== piece.innerHTML) {
        old.innerHTML = piece.innerHTML;
      }
    });
  }

  function append(news) {
    var came = news.querySelector("[data-exchanges]");
    var nothing = trace.querySelector("[data-nothing]");
    var atEnd = window.innerHeight + window.scrollY > document.body.scrollHeight - 200;
    if (nothing && came.children.length) {
      nothing.remove();
    }
    while (came.firstElementChild) {
      trace.appendChild(came.firstElementChild);
    }
    if (atEnd && news.dataset.words) {
      words.scrollIntoView({ block: "end" });
    }
  }

  function show(html) {
    var holder = document.createElement("template");
    holder.innerHTML = html;
    var news = holder.content.querySelector("[data-news]");
    renew(news);
    append(news);
    trace.dataset.last = news.dataset.last;
    if (news.dataset.words) {
      tell(news.dataset.words);
    }
    return news.dataset.live === "yes";
  }

  function again(wait) {
    window.setTimeout(look, wait);
  }

  function look() {
    if (document.hidden) {
      again(EVERY);
      return;
    }
    fetch(trace.dataset.trace + "?after=" + trace.dataset.last, { redirect: "error" })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.status === 204 ? null : answer.text();
      })
      .then(function (html) {
        if (html === null || show(html)) {
          if (html === null && told.textContent === words.dataset.lost) {
            tell(words.dataset.watching);
          }
          again(EVERY);
        } else {
          tell(words.dataset.over);
        }
      })
      .catch(function () {
        tell(words.dataset.lost);
        again(SLOWLY);
      });
  }

  tell(words.dataset.watching);
  again(EVERY);
})();
