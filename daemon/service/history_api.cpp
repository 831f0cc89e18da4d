#include "service/history_api.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "history/counts_json.h"
#include "history/history_json.h"
#include "history/history_query.h"
#include "http/query.h"
#include "text/hex.h"
#include "text/moment.h"
#include "text/utf8.h"
#include "text/words.h"

namespace halfclosed {

namespace {

constexpr const char* kJsonLines = "application/x-ndjson";
constexpr std::size_t kLimit = 1'000;
constexpr std::size_t kMostLimit = 10'000;
constexpr std::size_t kMostSamples = 300;
constexpr std::chrono::seconds kTimeLimit{2};
constexpr std::chrono::seconds kKeptFor{10};  ///< a batch is written no more often

using Send = HistoryApi::Send;

http::Answer plain_answer(unsigned status, const std::string& why) {
    return http::text_answer(status, http::kPlainText, text::printable(why) + "\n");
}

void set(history::SocketQuery& query, const std::string& key, const std::string& value,
         WallTime now) {
    if (key == "from") {
        query.from = text::parse_moment(value, now);
    } else if (key == "to") {
        query.to = text::parse_moment(value, now);
    } else if (key == "owner") {
        query.owner = value;
    } else if (key == "cookie") {
        const auto cookie = text::parse_cookie(value);
        if (!cookie) {
            throw std::invalid_argument("'" + value + "' is not a cookie");
        }
        query.cookie = *cookie;
    } else if (key == "limit") {
        const auto limit = text::to_number<std::size_t>(value);
        if (!limit || *limit == 0 || *limit > kMostLimit) {
            throw std::invalid_argument("limit: from 1 to " + std::to_string(kMostLimit));
        }
        query.limit = *limit;
    } else if (key != "view") {
        throw std::invalid_argument("parameter '" + key +
                                    "' is not known (view, from, to, owner, cookie, limit)");
    }
}

/// Throws std::invalid_argument.
bool wants_counts(const http::Request& request) {
    const auto view = request.query.find("view");
    if (view == request.query.end() || view->second == "sockets") {
        return false;
    }
    if (view->second != "counts") {
        throw std::invalid_argument("view: sockets or counts");
    }
    return true;
}

/// Throws std::invalid_argument.
history::SocketQuery query_of(const http::Request& request, WallTime now) {
    history::SocketQuery query;
    query.limit = kLimit;
    for (const auto& [key, value] : http::decoded_query(request)) {
        set(query, key, value, now);
    }
    if (!query.from && !query.cookie && !wants_counts(request)) {
        query.from = query.to.value_or(now) - std::chrono::hours{1};
    }
    return query;
}

http::Answer lines(const history::Connection& connection, const history::SocketQuery& query) {
    std::string lines;
    history::for_each_socket(connection, query, [&lines](const history::HistoryRow& row) {
        lines += history::history_line(row) + "\n";
    });
    return http::text_answer(200, kJsonLines, std::move(lines));
}

/// Sends what `make` makes of the file.
template <typename Make>
void ask(const FlightRecorder& recorder, const Send& send, Make make) {
    const bool asked = recorder.ask([send, make](const history::Connection* connection) {
        if (connection == nullptr) {
            send(plain_answer(503, "the history cannot be read now"));
            return;
        }
        try {
            connection->set_time_limit(kTimeLimit);
            http::Answer made = make(*connection);
            connection->set_time_limit({});
            send(std::move(made));
        } catch (const history::SqliteError& error) {
            connection->set_time_limit({});
            send(plain_answer(503, std::string("the history: ") + error.what()));
            throw;
        }
    });
    if (!asked) {
        send(recorder.recording()
                 ? plain_answer(503, "too many ask for the history at once")
                 : plain_answer(404, "no history is recorded: --state-dir says where"));
    }
}

http::Answer counts(const history::Connection& connection, WallTime from, WallTime to) {
    return http::text_answer(200, "application/json",
                             history::counts_json(connection, from, to, kMostSamples));
}

}  // namespace

void HistoryApi::answer(const http::Request& request, Send send) {
    const WallTime now = std::chrono::system_clock::now();
    try {
        const history::SocketQuery query = query_of(request, now);
        if (wants_counts(request) && !query.from && !query.to) {
            answer_all_counts(now, std::move(send));
        } else if (wants_counts(request)) {
            ask(recorder_, send, [query, now](const history::Connection& connection) {
                return counts(connection, query.from.value_or(WallTime{}), query.to.value_or(now));
            });
        } else {
            ask(recorder_, send, [query](const history::Connection& connection) {
                return lines(connection, query);
            });
        }
    } catch (const std::invalid_argument& error) {
        send(plain_answer(400, error.what()));
    }
}

void HistoryApi::answer_all_counts(WallTime now, Send send) {
    std::unique_lock lock(mutex_);
    if (counts_ && now >= counts_made_ && now - counts_made_ < kKeptFor) {
        const http::Answer kept = *counts_;
        lock.unlock();
        send(kept);
        return;
    }
    waiting_.push_back(std::move(send));
    if (waiting_.size() > 1) {
        return;
    }
    lock.unlock();
    const Send to_all = [this, now](const http::Answer& made) {
        std::vector<Send> waiting;
        {
            const std::lock_guard lock(mutex_);
            waiting.swap(waiting_);
            counts_ = made.status == 200 ? std::optional(made) : std::nullopt;
            counts_made_ = now;
        }
        for (const Send& each : waiting) {
            each(made);
        }
    };
    ask(recorder_, to_all, [now](const history::Connection& connection) {
        return counts(connection, WallTime{}, now);
    });
}

}  // namespace halfclosed
