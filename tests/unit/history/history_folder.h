#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "history/history_file.h"
#include "history/history_query.h"
#include "sockets.h"

namespace halfclosed::history {

using namespace std::chrono_literals;

/// A moment on both clocks: 1000 s after the boot it was 2026-11-27T00:00:00Z.
inline Moment at(Duration since_boot) {
    return {Instant{since_boot},
            WallTime{std::chrono::seconds{1'795'737'600}} +
                std::chrono::duration_cast<WallTime::duration>(since_boot - 1000s)};
}

/// A socket that shop.service leaked in CLOSE-WAIT.
inline RecordedSocket recorded(std::uint64_t cookie, Duration since_boot) {
    const tracking::TrackedSocket leaked = leaked_socket(Cookie{cookie}, Instant{since_boot});
    RecordedSocket socket;
    socket.record = leaked.record;
    socket.port = 9999;
    socket.owner = std::make_shared<const RecordedOwner>(
        RecordedOwner{"shop.service", "shop.service", "/system.slice/shop.service", 812, "shop"});
    socket.descriptor = 7;
    socket.add({TcpState::close_wait, tracking::Custody::process, tracking::Cause::not_closed,
                tracking::Age::Kind::observed, at(since_boot)});
    return socket;
}

inline RecordedSocket ended(RecordedSocket socket, Duration since_boot,
                            const std::string& how = "closed") {
    socket.add({TcpState::close, tracking::Custody::orphan, std::nullopt,
                tracking::Age::Kind::observed, at(since_boot)});
    socket.ended = at(since_boot);
    socket.how = how;
    return socket;
}

inline Batch batch_of(Duration since_boot, std::vector<RecordedSocket> sockets) {
    Batch batch;
    batch.now = at(since_boot);
    batch.observed_since = at(1000s);
    batch.sockets = std::move(sockets);
    return batch;
}

/// As long as it lives, no file of this process may grow past 4 KiB: what a full disk does to a writer.
class FullDisk {
 public:
    FullDisk() : before_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit small{4096, limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        ::signal(SIGXFSZ, before_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

 private:
    rlimit limit_{};
    sighandler_t before_;
};

/// A directory of the test's own.
class HistoryFolder : public testing::Test {
 protected:
    HistoryFolder() {
        std::string pattern = testing::TempDir() + "/halfclosed-history-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~HistoryFolder() override { std::filesystem::remove_all(directory_); }

    HistoryFile file(const std::string& clock = "this-boot/monotonic",
                     const HistoryFile::Limits& limits = {}) const {
        return {directory_, clock, limits};
    }
    std::string path() const { return directory_ + "/history.db"; }
    void write(const std::string& text) const { std::ofstream(path(), std::ios::binary) << text; }
    std::vector<HistoryRow> rows(const SocketQuery& query = {}) const {
        std::vector<HistoryRow> rows;
        for_each_socket(open_for_reading(directory_), query,
                        [&rows](HistoryRow&& row) { rows.push_back(std::move(row)); });
        return rows;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    std::string directory_;
};

}  // namespace halfclosed::history
