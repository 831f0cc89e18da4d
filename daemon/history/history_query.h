#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "history/batch.h"
#include "history/sqlite.h"

namespace halfclosed::history {

/// Which sockets: those that were half-closed, or dead, at any time between the two. What is not set lets everything
/// through.
struct SocketQuery {
    std::optional<WallTime> from{};
    std::optional<WallTime> to{};
    std::optional<std::string> owner{};
    std::optional<Cookie> cookie{};
    std::size_t limit = 0;  ///< the last so many; 0: all
};

/// One row of a history.
struct HistoryRow {
    RecordedSocket socket;
    /// Of one that has not ended: until when it is known to have been there.
    Moment observed_until;
    std::int64_t boot = 0;
    std::optional<std::string> namespace_name{};  ///< of the socket's network namespace
};

/// Where the history of a directory is.
std::string path_in(const std::string& directory);

/// Opens the history of a directory for reading, beside a daemon that may write it. Throws std::runtime_error that says
/// what is wrong: no file, no permission, a foreign one.
Connection open_for_reading(const std::string& directory);

/// What `read` makes of the history of a directory. Throws as open_for_reading(), and std::runtime_error with the name of
/// the file where SQLite fails later, as on a damaged page.
template <typename Read>
auto read_from(const std::string& directory, const Read& read) {
    const Connection connection = open_for_reading(directory);
    try {
        return read(connection);
    } catch (const SqliteError& error) {
        throw std::runtime_error(path_in(directory) + ": " + error.what());
    }
}

/// The sockets in the order in which they began. Throws SqliteError.
void for_each_socket(const Connection& connection, const SocketQuery& query,
                     const std::function<void(HistoryRow&&)>& take);

/// Those of a boot that have not ended.
void for_each_open_socket(const Connection& connection, std::int64_t boot,
                          const std::function<void(RecordedSocket&&)>& take);

/// When a daemon looked, without a gap, and by which row of `boots` its clock went.
struct ObservedSpan {
    std::int64_t boot = 0;
    Moment from;
    Moment to;

    bool operator==(const ObservedSpan&) const = default;
};

/// The spans that overlap the time between the two, the earliest first.
std::vector<ObservedSpan> observed_spans(const Connection& connection, WallTime from, WallTime to);

/// The ports whose sockets were there at this time or later, in order. Throws SqliteError.
std::vector<std::uint16_t> ports_since(const Connection& connection, WallTime from);

/// What names the clock of a row of `boots`, as read_clock_id() does. Throws SqliteError if there is no such row.
std::string clock_of(const Connection& connection, std::int64_t boot);

/// The counts at a time: of the last sample before it, in the same span. Nothing if nobody looked then.
std::optional<std::pair<WallTime, CountSample>> counts_at(const Connection& connection,
                                                          WallTime time);

/// The samples between the two, at most `most` of them, evenly left out. Steps are those since the sample before.
std::vector<std::pair<WallTime, CountSample>> counts_between(const Connection& connection,
                                                             WallTime from, WallTime to,
                                                             std::size_t most);

}  // namespace halfclosed::history
