#include "netlink/mptcp_subflows.h"

namespace halfclosed::netlink {

MptcpSubflows::Tuple MptcpSubflows::tuple(const SocketRecord& record) {
    return {record.family, record.local.address.bytes, record.local.port,
            record.remote.address.bytes, record.remote.port};
}

void MptcpSubflows::add_connection(const SocketRecord& connection) {
    if (connection.inode != 0) {
        inodes_.insert(connection.inode);
    }
    // Listeners of one address may be many (SO_REUSEPORT), some of them of plain TCP.
    if (connection.state != TcpState::listen) {
        tuples_.insert(tuple(connection));
    }
}

bool MptcpSubflows::contains(const SocketRecord& socket) const {
    if (socket.inode != 0 && inodes_.contains(socket.inode)) {
        return true;
    }
    return socket.state != TcpState::listen && !tuples_.empty() && tuples_.contains(tuple(socket));
}

}  // namespace halfclosed::netlink
