#pragma once

#include <cstddef>

#include "exporters/snapshot/snapshot.h"
#include "http/answer.h"
#include "http/request.h"

namespace halfclosed::exporters {

/// The answer to any request:
///
///   /metrics           the page, or the families that name[] asks for; 503 until there is a snapshot
///   /                  the page for people; 503 until there is a snapshot
///   /style.css, /icon.svg, /live.js   what it looks like, and how it lives
///   /api/v1/live       live_json(), what it follows; 503 until there is a snapshot
///   /api/v1/snapshot   snapshot_json(); 503 while the kernel gives no answer or the snapshot is not
///   fresh
///   /api/v1/history    404: where there is a history, HttpOptions::history answers
///   /runbook           what to do about each alert
///   /-/healthy         200: the process answers
///   /-/ready           200 while the last closing poll succeeded and is fresh, else 503 and why
///
/// A parameter that the metrics, the snapshot or live does not know is 400. Paths match exactly, as sent; others are 404.
/// Methods other than GET and HEAD are 405. A page before the first snapshot would have no series at all, which reads as
/// zero; 503 makes the scrape fail, which reads as no answer. `snapshot` may be null, `now` is the monotonic clock's;
/// `viewers` is how many follow live.
http::Answer answer(const http::Request& request, const Snapshot* snapshot, Instant now,
                    std::size_t viewers = 0);

/// With what every answer has, compressed if that is wanted and worth it.
http::Answer finished(const http::Request& request, http::Answer answer);

/// To whom nothing is told without a name and a password: 401.
http::Answer unauthorized();

/// To whom nothing is told now, because too many others are having their passwords checked: 503.
http::Answer too_many_at_once();

/// Who may not read single sockets here: 403.
http::Answer sockets_not_shown();

/// Who asks for a host that we are not: 421 (RFC 9110, 15.5.20).
http::Answer misdirected();

}  // namespace halfclosed::exporters
