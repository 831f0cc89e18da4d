#include "service/age_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

namespace halfclosed {

namespace {

/// Ages are to the second; a kill costs at most so much of what was new.
constexpr std::chrono::seconds kPause{10};

bool is_age_kind(std::uint8_t number) {
    return number <= static_cast<std::uint8_t>(tracking::Age::Kind::exact);
}

}  // namespace

AgeStore::AgeStore(const std::string& directory) {
    if (directory.empty()) {
        return;
    }
    try {
        file_.emplace(directory, host::read_clock_id());
    } catch (const posix::Error& error) {
        spdlog::warn("ages will not survive a restart: {}", error.what());
    }
}

std::vector<tracking::KnownAge> AgeStore::load(Instant now) {
    std::vector<tracking::KnownAge> ages;
    if (!file_) {
        return ages;
    }
    const host::StateFile::Loaded loaded = file_->load(now.time_since_epoch());
    if (loaded.complaint) {
        spdlog::warn("{}", *loaded.complaint);
    }
    for (const host::KnownSocket& socket : loaded.sockets) {
        if (is_age_kind(socket.dated)) {
            ages.push_back({Cookie{socket.cookie}, static_cast<TcpState>(socket.state),
                            Instant{std::chrono::nanoseconds{socket.since_ns}},
                            static_cast<tracking::Age::Kind>(socket.dated)});
        }
    }
    return ages;
}

void AgeStore::keep(std::span<const tracking::TrackedSocket> sockets, Instant now, bool always) {
    if (!file_ || (!always && saved_ && now - *saved_ < kPause)) {
        return;
    }
    saved_ = now;
    std::vector<host::KnownSocket> known;
    for (const tracking::TrackedSocket& socket : sockets) {
        known.push_back({static_cast<std::uint64_t>(socket.record.cookie),
                         static_cast<std::uint8_t>(socket.record.state),
                         static_cast<std::uint8_t>(socket.dated),
                         socket.since.time_since_epoch().count()});
    }
    std::sort(known.begin(), known.end(),
              [](const auto& left, const auto& right) { return left.cookie < right.cookie; });
    if (known == last_) {
        return;  // an idle machine's disk may sleep
    }
    try {
        file_->save(known);
        last_ = std::move(known);
        complaint_.clear();
    } catch (const posix::Error& error) {
        ++errors_;
        if (complaint_ != error.what()) {
            complaint_ = error.what();
            spdlog::warn("ages will not survive a restart: {}", complaint_);
        }
    }
}

}  // namespace halfclosed
