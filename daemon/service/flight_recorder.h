#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"
#include "history/history_writer.h"
#include "history/socket_recorder.h"

namespace halfclosed {

/// Keeps a history of what the daemon sees in a state directory, and hands the ages of sockets on to the daemon after a
/// restart. Without a directory it does nothing. What goes wrong is told to the log once; the daemon runs on.
class FlightRecorder {
 public:
    struct Settings {
        std::string directory;
        history::HistoryFile::Limits limits;
    };

    explicit FlightRecorder(Settings settings) : settings_(std::move(settings)) {}

    /// Opens the history, starts its thread, and returns what an earlier run knew. Before the first look.
    std::vector<tracking::KnownAge> start(const history::Moment& now);

    void note(const tracking::Changes& changes, const history::Moment& now);

    /// What a look brought; writes what is new if the last time is long enough ago.
    void observe(const exporters::Snapshot& snapshot);

    /// Writes what is new now, and waits for it.
    void stop(const exporters::Snapshot& snapshot);

    void set_limits(const history::HistoryFile::Limits& limits);

    /// Nothing without a directory.
    std::optional<exporters::HistoryHealth> health() const;

    /// CPU time that the history's thread has used.
    std::chrono::nanoseconds cpu() const { return cpu_; }

    /// Whether there is a history. From start() on, thread-safe.
    bool recording() const { return writer_ != nullptr; }

    /// As HistoryWriter::ask(); false without a directory. From start() on, thread-safe.
    bool ask(history::HistoryWriter::Query query) const;

 private:
    using Steps = std::map<std::pair<TcpState, TcpState>, std::uint64_t>;

    void write(const exporters::Snapshot& snapshot, bool always);
    std::optional<history::CountSample> sample(const exporters::Snapshot& snapshot);
    void take_status();

    Settings settings_;
    history::SocketRecorder recorder_;
    std::unique_ptr<history::HistoryWriter> writer_;
    exporters::HistoryHealth health_;
    std::optional<history::Moment> observed_since_;
    Instant observed_;  ///< the last complete look
    std::optional<Instant> written_;
    std::optional<history::CountSample> last_sample_;
    Instant sampled_;
    Steps steps_;  ///< counted until the last sample
    std::string error_;
    std::chrono::nanoseconds cpu_{0};
};

}  // namespace halfclosed
