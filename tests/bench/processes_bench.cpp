// What it costs to name the processes behind sockets, against a bare pass that reads every link of
// /proc/*/fd and does nothing with it. Both see the same /proc, with children that hold sockets of
// their own.

#include <benchmark/benchmark.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include "host/socket_holders.h"

namespace {

using halfclosed::host::SocketInode;

/// `processes` children with `sockets` sockets each, and the inodes of every 200th: 0.5 % are
/// looked for.
class SocketCounts {
 public:
    SocketCounts(std::int64_t processes, std::int64_t sockets) {
        for (std::int64_t i = 0; i < processes; ++i) {
            start_child(sockets);
        }
    }
    SocketCounts(const SocketCounts&) = delete;
    SocketCounts& operator=(const SocketCounts&) = delete;
    ~SocketCounts() {
        for (const pid_t child : children_) {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        }
    }
    const std::unordered_set<SocketInode>& wanted() const { return wanted_; }

 private:
    void start_child(std::int64_t sockets) {
        int inodes[2];
        if (::pipe2(inodes, O_CLOEXEC) != 0) {
            throw std::runtime_error("pipe2");
        }
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (std::int64_t i = 0; i < sockets; ++i) {
                const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
                struct stat status {};
                ::fstat(socket, &status);
                const auto inode = static_cast<SocketInode>(status.st_ino);
                if (i % 200 == 0 && ::write(inodes[1], &inode, sizeof inode) < 0) {
                    ::_exit(1);
                }
            }
            ::close(inodes[1]);
            while (true) {
                ::pause();
            }
        }
        children_.push_back(child);
        ::close(inodes[1]);
        SocketInode inode = 0;
        while (::read(inodes[0], &inode, sizeof inode) == sizeof inode) {
            wanted_.insert(inode);
        }
        ::close(inodes[0]);
    }

    std::vector<pid_t> children_;
    std::unordered_set<SocketInode> wanted_;
};

void bare_readlink_pass(benchmark::State& state) {
    const SocketCounts socket_counts(state.range(0), state.range(1));
    std::int64_t links = 0;
    for (auto _ : state) {
        DIR* const proc = ::opendir("/proc");
        while (const dirent* const process = ::readdir(proc)) {
            if (process->d_name[0] < '0' || process->d_name[0] > '9') {
                continue;
            }
            DIR* const fds = ::opendir(("/proc/" + std::string(process->d_name) + "/fd").c_str());
            if (fds == nullptr) {
                continue;
            }
            while (const dirent* const fd = ::readdir(fds)) {
                char link[64];
                links += ::readlinkat(::dirfd(fds), fd->d_name, link, sizeof link) > 0 ? 1 : 0;
                benchmark::DoNotOptimize(link);
            }
            ::closedir(fds);
        }
        ::closedir(proc);
    }
    state.counters["links"] = static_cast<double>(links / state.iterations());
}

void find_holders(benchmark::State& state) {
    const SocketCounts socket_counts(state.range(0), state.range(1));
    std::size_t found = 0;
    for (auto _ : state) {
        const auto holders = halfclosed::host::find_holders(socket_counts.wanted(),
                                                            {.cpu = std::chrono::seconds(60)});
        found = holders.by_inode.size();
        if (found != socket_counts.wanted().size()) {
            state.SkipWithError("not every holder was found");
        }
    }
    state.counters["found"] = static_cast<double>(found);
}

void populations(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"processes", "sockets"})
        ->Args({200, 20})    // many small processes
        ->Args({2, 10'000})  // few with very many sockets
        ->Unit(benchmark::kMillisecond);
}

BENCHMARK(bare_readlink_pass)->Apply(populations);
BENCHMARK(find_holders)->Apply(populations);

}  // namespace

BENCHMARK_MAIN();
