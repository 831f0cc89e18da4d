#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "service/state_file.h"
#include "tracking/tracker.h"

namespace halfclosed {

/// Carries the ages of half-closed sockets over a restart, in a state directory. Without a directory it does nothing.
/// What goes wrong is told to the log once; the daemon runs on.
class AgeStore {
 public:
    explicit AgeStore(const std::string& directory);

    /// What an earlier run knew.
    std::vector<tracking::KnownAge> load(Instant now);

    /// Saves what is new, if the last time is long enough ago or `always`.
    void keep(std::span<const tracking::TrackedSocket> sockets, Instant now, bool always);

    /// Saves that failed so far.
    std::uint64_t errors() const { return errors_; }

 private:
    std::optional<host::StateFile> file_;
    std::optional<Instant> saved_;
    std::vector<host::KnownSocket> last_;  ///< what the file has, by cookie
    std::uint64_t errors_ = 0;
    std::string complaint_;
};

}  // namespace halfclosed
