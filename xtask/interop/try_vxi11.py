"""python-vxi11: links, locks, aborts, the port mapper."""

import vxi11
from vxi11 import rpc
from vxi11.vxi11 import CoreClient, Vxi11Exception

from bench import PLACES, same


def opened(name):
    host, port = PLACES[name, "vxi11"]
    instrument = vxi11.Instrument(host)
    instrument.client = CoreClient(host, port)  # there is no port mapper at port 111
    instrument.timeout = 10
    instrument.open()
    return instrument


def port_mapper():
    host, port = PLACES["psu", "vxi11"]
    mapper = rpc.TCPPortMapperClient.__new__(rpc.TCPPortMapperClient)
    rpc.RawTCPClient.__init__(mapper, host, rpc.PMAP_PROG, rpc.PMAP_VERS, port)
    rpc.PartialPortMapperClient.__init__(mapper)
    same(mapper.get_port((0x0607AF, 1, rpc.IPPROTO_TCP, 0)), port)
    mapper.close()


def main():
    supply = opened("psu")
    same(supply.link, 0)
    same(supply.ask("*IDN?"), "RIGOL TECHNOLOGIES,DP832,SIM0000001,00.01.19")
    supply.write("APPL CH1,5,1")
    same(supply.ask("APPL? CH1"), "CH1:30V/3A,5.000,1.000")
    same(supply.read_stb(), 0)

    other = opened("psu")
    supply.lock()
    try:
        other.write("*CLS")
    except Vxi11Exception as error:
        same(error.err, 11)
    else:
        raise SystemExit("a locked instrument took a message")
    supply.unlock()
    same(other.ask("*OPC?"), "1")

    supply.write("*IDN?")
    supply.clear()
    supply.abort()
    same(supply.ask("*OPC?"), "1")
    same(supply.ask("SYST:ERR?"), '0,"No error"')
    port_mapper()
    supply.close()
    other.close()
    print("python-vxi11: well")


main()
