#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history/batch.h"
#include "history/sqlite.h"

namespace halfclosed::history {

inline constexpr const char* kFileName = "history.db";

/// The history that a daemon writes: DIRECTORY/history.db, SQLite with a write-ahead log, so that a kill leaves at any
/// moment what was committed before. Of one thread.
class HistoryFile {
 public:
    struct Limits {
        std::chrono::nanoseconds kept = std::chrono::hours{24};
        std::uint64_t bytes = 64'000'000;  ///< of the file and its log together
    };

    /// What `bytes` must be at least.
    static constexpr std::uint64_t kSmallest = 8'000'000;

    /// Nothing is touched yet. `clock` is read_clock_id()'s.
    HistoryFile(std::string directory, std::string clock, const Limits& limits)
        : directory_(std::move(directory)), clock_(std::move(clock)), limits_(limits) {}

    std::string path() const { return directory_ + "/" + kFileName; }

    /// Makes the file if there is none. What is damaged, foreign or of another version is renamed to
    /// DIRECTORY/history.db.bad, where it replaces the one before, and a new file is begun. What had not ended when
    /// another boot did is ended then. Throws SqliteError or posix::Error; the next write() tries again.
    void open();
    bool is_open() const { return connection_.has_value(); }

    /// One line, once, about a file that was set aside.
    std::optional<std::string> take_complaint();

    /// Reads all pages once and sets the file aside if one is damaged. A check that is interrupted throws SqliteError, and
    /// has found nothing.
    void check();

    /// Sockets of this boot that had not ended.
    std::vector<RecordedSocket> open_sockets();

    /// The last moment of this boot at which somebody looked.
    std::optional<Moment> last_observed();

    /// Opens the file if it is not open, or no longer what bears the name, and writes all of it, or nothing, and deletes what is too old or too much: what leaked goes last. Throws SqliteError.
    void write(const Batch& batch);

    void set_limits(const Limits& limits) { limits_ = limits; }

    /// Of the file and its log on the disk.
    std::uint64_t size() const;

    /// For queries. Not open: nothing.
    const Connection* connection() const { return connection_ ? &*connection_ : nullptr; }

    /// Whatever `work` does to the file: damage that it meets sets the file aside, and is thrown on.
    template <typename Work>
    auto guarded(Work work) {
        try {
            return work();
        } catch (const SqliteError& error) {
            note_damage(error);
            throw;
        }
    }

 private:
    void set_aside(const std::string& why);
    bool is_damage(const SqliteError& error) const;
    void note_damage(const SqliteError& error);
    void prepare_file();
    void configure();
    void end_other_boots();
    void write_observed(const Batch& batch);
    void write_ends(const std::vector<SocketEnd>& ends);
    void write_counts(const Batch& batch, const CountSample& counts);
    void prune(const Moment& now);
    bool prune_some();
    std::uint64_t used() const;
    std::uint64_t most() const;
    bool is_in_place() const;

    std::string directory_;
    std::string clock_;
    Limits limits_;
    std::optional<Connection> connection_;
    std::int64_t boot_ = 0;
    std::int64_t observed_ = 0;  ///< the row that grows
    Instant observed_since_;
    std::optional<std::string> complaint_;
    std::uint64_t device_ = 0;  ///< of the open file
    std::uint64_t inode_ = 0;
};

}  // namespace halfclosed::history
