// Tells the pretend OpenSesame whom a launch is for, and when it is finished: its activity report
// counts learners by the id that the learning server gives them. Knows no HACP.

const address = document.body.dataset.report;
let told = "";

document.addEventListener("recorded", ({ detail: { studentId, status } }) => {
  const completed = status === "completed" || status === "passed";
  const news = `${studentId} ${completed}`;
  if (!address || news === told) return;
  told = news;
  const body = new URLSearchParams({ student_id: studentId, completed: completed ? "yes" : "" });
  // The course goes on without it: what counts is what the learning server was told.
  fetch(address, { method: "POST", body, keepalive: true }).catch(() => {});
});
