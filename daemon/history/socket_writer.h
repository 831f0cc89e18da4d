#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "history/recorded_socket.h"
#include "history/sqlite.h"

namespace halfclosed::history {

/// Writes sockets of one boot within one transaction.
class SocketWriter {
 public:
    /// `namespaces` outlives it.
    SocketWriter(const Connection& connection, std::int64_t boot,
                 const std::map<NamespaceId, std::string>& namespaces);

    /// The whole of what is known of it: it takes the place of what was written before.
    void write(const RecordedSocket& socket);

 private:
    std::int64_t owner_row(const RecordedOwner& owner);

    const Connection& connection_;
    std::int64_t boot_;
    const std::map<NamespaceId, std::string>& namespaces_;
    Statement find_owner_;
    Statement add_owner_;
    Statement write_;
    Statement find_;
    Statement forget_spans_;
    Statement write_span_;
    std::map<const RecordedOwner*, std::int64_t> owners_;  ///< that this transaction has met
};

}  // namespace halfclosed::history
