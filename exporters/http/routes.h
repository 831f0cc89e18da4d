#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// What of a request matters. Everything in it comes from outside.
struct HttpRequest {
    std::string_view method;
    std::string_view path;  ///< as sent: without the query, not decoded
    std::string_view accept_encoding;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The answer to any request:
///
///   /metrics           the page; 503 until there is a snapshot
///   /                  the page for people; 503 until there is a snapshot
///   /style.css, /icon.svg   what it looks like
///   /api/v1/snapshot   snapshot_json(); 503 while the kernel gives no answer or the snapshot is not
///   fresh
///   /-/healthy         200: the process answers
///   /-/ready           200 while the last closing poll succeeded and is fresh, else 503 and why
///
/// Paths match exactly, as sent; others are 404. Methods other than GET and HEAD are 405. A page
/// before the first snapshot would have no series at all, which reads as zero; 503 makes the scrape
/// fail, which reads as no answer. `snapshot` may be null, `now` is the monotonic clock's.
HttpAnswer answer(const HttpRequest& request, const Snapshot* snapshot, Instant now);

/// To whom nothing is told without a name and a password: 401.
HttpAnswer unauthorized();

/// To whom nothing is told now, because too many others are having their passwords checked: 503.
HttpAnswer too_many_at_once();

}  // namespace halfclosed::exporters
