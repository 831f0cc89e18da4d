#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "history/history_file.h"

namespace halfclosed::history {

/// Writes a history in a thread of its own: a slow disk holds up no look. The same thread answers queries, one at a
/// time. Thread-safe.
class HistoryWriter {
 public:
    /// Queries that may wait; more are refused.
    static constexpr std::size_t kMostQueries = 16;

    /// The check of the whole file may take so long at the start; then it is given up.
    static constexpr std::chrono::seconds kCheckLimit{10};

    /// Ends of sockets that could not be written and go with the next batch.
    static constexpr std::size_t kMostUnwrittenEnds = 10'000;

    struct Status {
        std::uint64_t batches = 0;        ///< that were tried
        std::uint64_t written = 0;        ///< sockets, each time that one was
        std::uint64_t failures = 0;       ///< batches that could not be written
        std::uint64_t recorded = 0;       ///< sockets, each once
        std::uint64_t lost = 0;           ///< sockets of those batches that will never be written
        std::uint64_t bytes = 0;          ///< of the file and its log
        std::chrono::nanoseconds cpu{0};  ///< that the thread has used
        std::string error;                ///< of the last batch; empty if it was written
        std::vector<std::string> complaints;  ///< each told once
        bool write_again =
            false;  ///< a batch was lost, and what has not ended is to be written again; told once
    };

    /// `file` may be open already.
    explicit HistoryWriter(HistoryFile file);

    ~HistoryWriter() { stop(); }
    HistoryWriter(const HistoryWriter&) = delete;
    HistoryWriter& operator=(const HistoryWriter&) = delete;

    /// Whether the last batch is done with.
    bool idle() const;

    /// Hands a batch over. Only while it is idle.
    void write(Batch batch);

    /// A query, from within the thread: null if there is no file, or the writer stops. False: too many wait.
    using Query = std::function<void(const Connection* connection)>;
    bool ask(Query query);

    void set_limits(const HistoryFile::Limits& limits);

    /// Writes what was handed over, and waits for it. Queries that wait get no connection, and a check is given up; asks
    /// for more are refused from now on.
    void stop();

    Status take_status();

 private:
    void run();
    void check();
    void write_now(Batch batch);
    void keep_ends(Batch& batch);
    void count(const Batch& batch, bool is_written);
    void answer(const Query& query);
    static void refuse(const Query& query);

    // Of the thread, once it runs:
    HistoryFile file_;
    std::vector<SocketEnd> unwritten_ends_;
    std::set<Cookie> unwritten_;  ///< of batches that failed, and in none that was written
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    // Under mutex_:
    std::optional<Batch> batch_;
    bool writing_ = false;
    std::deque<Query> queries_;
    std::optional<HistoryFile::Limits> limits_;
    Status status_;
    bool stop_ = false;
    std::shared_ptr<Interrupter> checking_;  ///< null: no check is going on
    std::chrono::steady_clock::time_point check_began_;
    std::thread thread_;  // the last to begin
};

}  // namespace halfclosed::history
