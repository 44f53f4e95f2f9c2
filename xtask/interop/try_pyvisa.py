"""PyVISA with PyVISA-py: the raw socket, HiSLIP, VXI-11 and a serial line."""

import pyvisa

from bench import PLACES, same

METER = "Keysight Technologies,34461A,SIM0000003,A.02.08-02.37-02.08-00.49-01-01"
FORMS = {
    "tcp": "TCPIP::{}::{}::SOCKET",
    "hislip": "TCPIP::{}::hislip0,{}::INSTR",
    "vxi11": "TCPIP::{},{}::inst0::INSTR",
    "serial": "ASRL{}::INSTR",
}


def opened(manager, name, transport):
    resource = manager.open_resource(FORMS[transport].format(*PLACES[name, transport]))
    resource.timeout = 10_000
    resource.write_termination = resource.read_termination = "\n"
    return resource


def questions(meter):
    same(meter.query("*IDN?"), METER)
    meter.write("*CLS")
    same(meter.query("SYST:ERR?"), '+0,"No error"')
    for _ in range(200):  # the numbers of HiSLIP's messages go round
        same(meter.query("*OPC?"), "1")


def status(meter):
    same(meter.read_stb(), 0)
    meter.write("NONSENSE")
    same(meter.query("*OPC?"), "1")
    same(meter.read_stb(), 4)
    same(meter.query("SYST:ERR?"), '-113,"Undefined header"')


def device_clear(meter):
    meter.write("CONF:VOLT:DC 10")
    meter.clear()
    same(meter.query("SYST:ERR?"), '+0,"No error"')


def waveform(scope):
    scope.write(":WAV:FORM BYTE")
    data = scope.query_binary_values(":WAV:DATA?", datatype="B", container=bytes)
    same(len(data), 1000)


def interrupted(meter):
    meter.write("*IDN?")
    meter.write("*OPC?")
    same(meter.read(), "1")
    same(meter.query("SYST:ERR?"), '-410,"Query INTERRUPTED"')


def silence(meter):
    meter.timeout = 300
    meter.write("*CLS")
    try:
        meter.read()
    except pyvisa.errors.VisaIOError as error:
        same(error.error_code, pyvisa.constants.StatusCode.error_timeout)
    else:
        raise SystemExit("an answer came that nothing had asked for")


def main():
    manager = pyvisa.ResourceManager("@py")
    for transport in FORMS:
        meter = opened(manager, "dmm", transport)
        questions(meter)
        if transport not in ("tcp", "serial"):
            status(meter)
            device_clear(meter)
        if transport == "hislip":
            interrupted(meter)
        silence(meter)
        meter.close()
        scope = opened(manager, "scope", transport)
        waveform(scope)
        scope.close()
        print(f"PyVISA-py over {transport}: well")


main()
