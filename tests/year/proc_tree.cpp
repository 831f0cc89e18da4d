#include "proc_tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace year {

namespace {

namespace fs = std::filesystem;

bool begins(std::string_view path, std::string_view with) {
    return path.substr(0, with.size()) == with;
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

}  // namespace

ProcTree::ProcTree(std::string place) : place_(std::move(place)) {
    for (const char* const directory :
         {"/proc/net", "/proc/sys/net/ipv4", "/proc/sys/kernel/random", "/proc/1/ns"}) {
        fs::create_directories(place_ + directory);
    }
    write("/proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000001\n");
    write("/proc/sys/net/ipv4/tcp_fin_timeout", "60\n");
    write("/proc/sys/net/ipv4/tcp_max_orphans", "65536\n");
    write("/proc/sys/net/ipv4/tcp_max_tw_buckets", "65536\n");
    if (!fs::is_symlink(place_ + "/proc/1/ns/net")) {
        fs::create_symlink("/proc/self/ns/net", place_ + "/proc/1/ns/net");
    }
    // What an earlier process left.
    for (const fs::directory_entry& entry : fs::directory_iterator(place_ + "/proc")) {
        const std::string name = entry.path().filename();
        if (is_digit(name.front()) && name != "1") {
            fs::remove_all(entry.path());
        }
    }
}

void ProcTree::write(const std::string& path, std::string_view text) const {
    std::ofstream(place_ + path, std::ios::binary) << text;
}

void ProcTree::replace(int& file, const std::string& path, std::string_view text) const {
    if (file < 0) {
        file = ::open((place_ + path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    }
    if (::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
        ::ftruncate(file, static_cast<off_t>(text.size())) != 0) {
        std::perror("year: write");
        std::_Exit(99);
    }
}

bool ProcTree::is_network(std::string_view path) {
    return begins(path, "/proc/thread-self/net/") || begins(path, "/proc/self/net/") ||
           begins(path, "/proc/net/");
}

bool ProcTree::is_process(std::string_view path) {
    constexpr std::string_view kProc = "/proc/";
    return path == "/proc" ||
           (begins(path, kProc) && path.size() > kProc.size() && is_digit(path[kProc.size()]));
}

std::string ProcTree::instead_of(std::string_view path) const {
    if (!begins(path, "/proc")) {
        return {};
    }
    if (is_network(path)) {
        return place_ + "/proc/net" + std::string(path.substr(path.rfind('/')));
    }
    if (is_process(path) || begins(path, "/proc/sys/net/") ||
        path == "/proc/sys/kernel/random/boot_id") {
        return place_ + std::string(path);
    }
    return {};
}

void ProcTree::write_network(const Machine& machine) {
    const KernelCounters& counters = machine.counters();
    if (written_ == machine.now() && written_segments_ == counters.in_segs) {
        return;
    }
    written_ = machine.now();
    written_segments_ = counters.in_segs;
    const TableCounts table = machine.count();
    char text[1024];
    const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::snprintf(text, sizeof text,
                  "sockets: used %llu\nTCP: inuse %llu orphan %llu tw %llu alloc %llu mem 1\nUDP: "
                  "inuse 0 mem 0\n",
                  number(table.inuse + table.inuse6 + 50), number(table.inuse),
                  number(table.orphan), number(table.tw),
                  number(table.inuse + table.inuse6 + table.dead));
    replace(files_[0], "/proc/net/sockstat", text);
    std::snprintf(text, sizeof text, "TCP6: inuse %llu\nUDP6: inuse 0\n", number(table.inuse6));
    replace(files_[1], "/proc/net/sockstat6", text);
    std::snprintf(
        text, sizeof text,
        "Tcp: RtoMin ActiveOpens PassiveOpens EstabResets CurrEstab InSegs OutSegs OutRsts\n"
        "Tcp: 200 %llu %llu %llu %llu %llu %llu %llu\n",
        number(counters.active_opens), number(counters.passive_opens),
        number(counters.estab_resets), number(table.established), number(counters.in_segs),
        number(counters.out_segs), number(counters.out_rsts));
    replace(files_[2], "/proc/net/snmp", text);
    std::snprintf(text, sizeof text,
                  "TcpExt: TW TWKilled ListenOverflows ListenDrops TCPAbortOnData TCPAbortOnClose "
                  "TCPAbortOnMemory "
                  "TCPAbortOnTimeout TCPTimeWaitOverflow\n"
                  "TcpExt: %llu %llu 0 0 0 %llu 0 %llu 0\n"
                  "MPTcpExt: MPCapableSYNRX\nMPTcpExt: 0\n",
                  number(counters.tw), number(counters.tw_killed), number(counters.abort_on_close),
                  number(counters.abort_on_timeout));
    replace(files_[3], "/proc/net/netstat", text);
}

void ProcTree::list(const Process& process) const {
    const std::string path = "/proc/" + std::to_string(process.pid);
    const std::string service = "app" + std::to_string(process.service);
    fs::create_directories(place_ + path + "/fd");
    fs::create_directories(place_ + path + "/ns");
    fs::create_symlink("/dev/null", place_ + path + "/fd/0");
    fs::create_symlink("/proc/self/ns/net", place_ + path + "/ns/net");
    write(path + "/cgroup", "0::/system.slice/" + service + ".service\n");
    write(path + "/limits",
          "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max open files            1048576              1048576              files     \n");
    const long long ticks = process.started / (10 * kMillisecond);
    std::string stat = std::to_string(process.pid) + " (" + service + ") S";
    for (int field = 4; field <= 52; ++field) {
        stat += field == 22 ? " " + std::to_string(ticks) : field == 20 ? " 1" : " 0";
    }
    write(path + "/stat", stat + "\n");
}

void ProcTree::write_processes(Machine& machine) {
    for (const auto& [pid, descriptor] : machine.take_closed()) {
        ::unlink((place_ + "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(descriptor))
                     .c_str());
    }
    for (const std::int32_t pid : machine.take_ended()) {
        fs::remove_all(place_ + "/proc/" + std::to_string(pid));
    }
    for (Process& process : machine.processes()) {
        if (!process.listed) {
            list(process);
            process.listed = true;
        }
    }
    for (Connection& connection : machine.connections()) {
        if (!connection.used() || connection.process < 0 || connection.linked ||
            connection.state == State::established) {
            continue;
        }
        const std::int32_t pid =
            machine.processes()[static_cast<std::size_t>(connection.process)].pid;
        const std::string link = place_ + "/proc/" + std::to_string(pid) + "/fd/" +
                                 std::to_string(connection.descriptor);
        const std::string target = "socket:[" + std::to_string(connection.inode) + "]";
        if (::symlink(target.c_str(), link.c_str()) != 0) {
            std::perror("year: symlink");
            std::_Exit(99);
        }
        connection.linked = true;
    }
}

}  // namespace year
