#include "records/rfc_name.h"

#include <algorithm>
#include <cctype>

namespace halfclosed {

std::string rfc_name(TcpState state) {
    switch (state) {
        case TcpState::fin_wait1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait2:
            return "FIN-WAIT-2";
        case TcpState::syn_recv:
        case TcpState::new_syn_recv:
            return "SYN-RECEIVED";
        default:
            break;
    }
    std::string text = name(state);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return letter == '_' ? '-' : static_cast<char>(std::toupper(letter));
    });
    return text;
}

}  // namespace halfclosed
