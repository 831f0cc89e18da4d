#pragma once

#include <cstdint>
#include <map>

#include "history/recorded_socket.h"
#include "history/sqlite.h"

namespace halfclosed::history {

/// Writes sockets of one boot within one transaction.
class SocketWriter {
 public:
    SocketWriter(const Connection& connection, std::int64_t boot);

    /// The whole of what is known of it: it takes the place of what was written before.
    void write(const RecordedSocket& socket);

 private:
    std::int64_t owner_row(const RecordedOwner& owner);

    const Connection& connection_;
    std::int64_t boot_;
    Statement find_owner_;
    Statement add_owner_;
    Statement write_;
    Statement find_;
    Statement write_span_;
    std::map<const RecordedOwner*, std::int64_t> owners_;  ///< that this transaction has met
};

}  // namespace halfclosed::history
