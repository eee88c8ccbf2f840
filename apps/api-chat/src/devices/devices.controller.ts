import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { type OpenDevices, openDevices, type SaveDevices, saveDevices } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { DevicesRepository } from './devices.repository';

/** What gateways keep here of devices: gateways have no store of their own. */
@Internal()
@Controller('internal/devices')
export class DevicesController {
  constructor(private readonly devices: DevicesRepository) {}

  @Post('open')
  @HttpCode(200)
  async open(@Body({ schema: openDevices }) { sessions }: OpenDevices) {
    return { items: await this.devices.open(sessions) };
  }

  @Post('save')
  @HttpCode(200)
  async save(@Body({ schema: saveDevices }) { sessions }: SaveDevices) {
    return { items: await this.devices.save(sessions) };
  }
}
