#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "http/answer.h"
#include "http/request.h"
#include "service/flight_recorder.h"

namespace halfclosed {

/// GET /api/v1/history: a line of JSON for each recorded socket, schema halfclosed.history/1, in the order in which they
/// began.
///   from=, to=     as `halfclosed history` takes them; the last hour by default
///   owner=, cookie=   only these
///   limit=         the last so many, 1 to 10000; 1000 by default
///   view=counts    instead: how many there were, schema halfclosed.counts/1, of all that is kept by default
/// 400 for what is not understood, 404 where no history is recorded, 503 while too many ask or the disk takes too long.
/// Thread-safe.
class HistoryApi {
 public:
    using Send = std::function<void(http::Answer)>;

    /// Must outlive it, and everything that is sent.
    explicit HistoryApi(const FlightRecorder& recorder) : recorder_(recorder) {}

    /// `send` is called once, from the history's thread or at once.
    void answer(const http::Request& request, Send send);

 private:
    void answer_all_counts(WallTime now, Send send);

    const FlightRecorder& recorder_;
    std::mutex mutex_;
    // Under mutex_. What every page asks for is made once for all that ask within some seconds:
    std::optional<http::Answer> counts_;
    WallTime counts_made_;
    std::vector<Send> waiting_;  ///< for the counts that are being made
};

}  // namespace halfclosed
