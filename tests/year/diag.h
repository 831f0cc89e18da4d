#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "ledger.h"
#include "machine.h"

namespace year {

/// The generated host's sock_diag: answers requests as net/ipv4/inet_diag.c does, from the table of a Machine. There is no
/// MPTCP and nothing but the network namespace of the process.
class Diag {
 public:
    /// The answers to the messages of one datagram, behind those that wait for `socket`. A dump is a look: the ledger is
    /// told.
    void answer(int socket, std::span<const std::byte> request, const Machine& machine,
                Ledger& ledger);

    /// The next datagram for it; empty: there is none.
    std::string take(int socket);

    void open(int socket);
    void close(int socket);
    bool is_open(int socket) const;

 private:
    struct Request;

    void dump(const Request& request, const Machine& machine, Ledger& ledger,
              std::deque<std::string>& answers);
    void get(const Request& request, const Machine& machine, std::deque<std::string>& answers);

    static constexpr int kMostSockets = 1'024;
    bool open_[kMostSockets]{};
    std::deque<std::string> waiting_[kMostSockets];
};

}  // namespace year
